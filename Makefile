# SPDX-License-Identifier: GPL-2.0
#
# What people type. Each line of help is the comment beside its target or variable;
# the work is done by the scripts in tools/testing/livepatch/.

TESTING := tools/testing/livepatch

.DEFAULT_GOAL := help
.NOTPARALLEL:

# To be set on the command line; they reach the scripts through the environment.
export KSRC ## the 6.12.y tree to build from, or to apply to
export ARCH ## x86_64 or powerpc
export ALL ## of test: 1 runs what takes longer, too
export ONLY ## of test: these GROUPs, or one GROUP:CASE
export FLAVOUR ## of test, kernel, shell: with this kernel
export STRESS ## of test: repeat things so many times as often (1); from 2 on 100,000 threads
export GUESTS ## of test: at most so many guests side by side (two more than processors)
export JOBS ## so many compilers side by side (as many as processors)
export ACCEL ## kvm: no emulation; of bench, host: no guest
export RUNS ## of bench with ACCEL=: medians of so many runs (5)
export UPDATE ## of bench, bench-check: 1 stores new references
export MINUTES ## of torture (3), fuzz, fuzz-convert (10)
export SEED ## of torture, fuzz, fuzz-convert: repeat what this one did (the time)
export SCENARIO ## of torture: these (all)
export VARIANTS ## of torture SCENARIO=BUSTED: these (all)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 22
	@echo 'Variables, to be set behind that:'
	@sed -n 's/^export \([A-Z]*\) ## /  \1=	/p' $(MAKEFILE_LIST) | expand -t 22

.PHONY: demo
demo: ## boot our kernel and patch it while programs run
	@$(TESTING)/demo.sh

.PHONY: test
test: ## run all tests; ONLY=GROUP[:CASE] and FLAVOUR=plain|debug|faults choose
	@$(TESTING)/test.sh

.PHONY: bench
bench: ## measure the stock core and ours; a table, plots, bench/results.json
	@$(TESTING)/bench.sh

.PHONY: bench-check
bench-check: ## fail if a figure got worse by 2 %; UPDATE=1 stores a new reference
	@$(TESTING)/bench.sh check

.PHONY: fuzz
fuzz: ## load malformed livepatches for MINUTES=10 under KASAN
	@FLAVOUR=debug \
		ONLY=fuzz:$$(($(or $(MINUTES),10) * 60)),$(or $(SEED),$$(date +%s)) $(TESTING)/test.sh

.PHONY: fuzz-convert
fuzz-convert: ## give malformed files to klp-convert for MINUTES=10 under ASan
	@FUZZ=$$(($(or $(MINUTES),10) * 60)) SEED=$(or $(SEED),$$(date +%s)) \
		tools/livepatch/klp-convert/tests/run.sh fuzz

.PHONY: torture
torture: ## try to break the core, and break it to see that this is noticed
	@$(TESTING)/torture.sh

.PHONY: kernel
kernel: ## build the kernel and the modules; FLAVOUR=plain|debug
	@$(TESTING)/setup.sh

.PHONY: apply
apply: ## put this subsystem into the kernel tree KSRC=
	@$(TESTING)/apply.sh "$(KSRC)"

.PHONY: unapply
unapply: ## give back the stock tree KSRC=
	@$(TESTING)/apply.sh --undo "$(KSRC)"

.PHONY: shell
shell: ## an interactive guest with our kernel and modules
	@$(TESTING)/shell.sh

.PHONY: clean
clean: ## remove build/
	rm -rf build
