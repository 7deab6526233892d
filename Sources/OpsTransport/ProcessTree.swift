/// Ends a script on a host together with everything it started.
struct ProcessTree: Sendable {
    /// Whose descendants are ended.
    var root: Int
    /// Leaves the root itself running.
    var sparesRoot = false
    /// Does nothing unless this is the root's parent, as numbers of processes are used anew.
    var parent: Int?

    /// The script that does it: SIGTERM to all, and SIGKILL 0.3 s later to what is left or was started since.
    ///
    /// Processes are listed from `/proc`, in the file whose fields cannot be faked by a program's name, or
    /// by `ps` where there is none.
    var script: String {
        #"""
        root=\#(root) parent=\#(parent.map(String.init) ?? "")
        list() {
            if [ -r /proc/self/status ]; then
                grep -s '^PPid:' /dev/null /proc/[0-9]*/status | while IFS='/:	 ' read -r a b pid c d ppid; do echo "$pid $ppid"; done
            else
                ps -A -o pid= -o ppid=
            fi
        }
        descend() {
            table=$(list)
            grown=1
            while [ $grown = 1 ]; do
                grown=0
                set -- $table
                while [ $# -ge 2 ]; do
                    case $all in
                    *" $1 "*) ;;
                    *" $2 "*) all="$all$1 " grown=1 ;;
                    esac
                    shift 2
                done
            done
        }
        all=" $root "
        descend
        if [ -n "$parent" ]; then
            case " $(echo $table) " in
            *" $root $parent "*) ;;
            *) exit 0 ;;
            esac
        fi
        kill -TERM \#(targets) 2>/dev/null
        sleep 0.3 2>/dev/null || sleep 1
        descend
        kill -KILL \#(targets) 2>/dev/null

        """#
    }

    private var targets: String { sparesRoot ? "${all#\" $root \"}" : "$all" }
}
