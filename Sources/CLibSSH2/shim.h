#include <libssh2.h>

#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

/// Bytes that a block of `malloc` holds, at least as many as were asked for.
static inline size_t clibssh2_block_size(const void *block) {
#if defined(__APPLE__)
    return malloc_size(block);
#else
    return malloc_usable_size((void *)block);
#endif
}
