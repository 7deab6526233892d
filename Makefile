# make demo     two real hosts on this machine, the stack deployed to them and verified
# make test     everything that is tested, the lab included
# make bench    timings beside a plain script over OpenSSH
# make bench-secrets  how long 1,000 encrypted values take
# make bench-inventory  inventories of 10,000 hosts beside ansible-inventory; needs no lab
# make bench-templates  rendering beside Jinja2 under Python; needs no lab
# make profiles the stack with each of its five profiles, deployed and verified: six minutes
# make proof    every check of verify, shown red by breaking what it guards; alerts to their mails; an upgrade: half an hour
# make lab-down removes what demo and test started
.POSIX:
.PHONY: demo test build release bench bench-inventory bench-secrets bench-templates profiles proof lab-up lab-down goldens setup judges check

SWIFT_FLAGS = --explicit-target-dependency-import-check error
# With Swift's runtime inside, the program runs where no Swift is installed; it also starts and runs faster.
RELEASE_FLAGS = -c release --static-swift-stdlib
OPSCTL = .build/release/opsctl

demo: release lab-up
	scripts/demo $(OPSCTL)

test: setup judges
	swift build --build-tests $(SWIFT_FLAGS)
	lab/up
	scripts/test

build: setup
	swift build $(SWIFT_FLAGS)

release: setup
	swift build $(RELEASE_FLAGS) --product opsctl

bench: release
	lab/up
	lab/bench/run $(OPSCTL)

bench-secrets: release
	scripts/bench-secrets $(OPSCTL)

profiles: release
	lab/up
	lab/profiles $(OPSCTL)

proof: setup
	swift build --build-tests $(SWIFT_FLAGS)
	lab/up
	swift test --skip-build --filter 'BreakTests|ProofTests|MailTests|UpgradeTests'

bench-templates: setup judges
	swift build $(RELEASE_FLAGS) --product TemplateBench
	lab/bench/templates .build/release/TemplateBench

# Inventories of 10,000 hosts beside ansible-inventory: seconds, memory, equal output.
bench-inventory: release judges
	python3 Tests/OpsProjectTests/benchmark/inventory.py $(OPSCTL) $${OPSCTL_JUDGES:-.build/judges}/bin/ansible-inventory

lab-up: setup
	lab/up

lab-down:
	lab/down

# Writes the expected outputs anew; review them with git diff.
goldens: setup
	OPSCTL_UPDATE_GOLDENS=1 swift test --filter OpsReportTests

setup:
	@scripts/setup

judges: setup
	@Tests/judges/setup
