# SPDX-License-Identifier: GPL-2.0
#
# What people type. Each line of help is the comment beside its target; the
# work is done by the scripts in tools/testing/livepatch/.

TESTING := tools/testing/livepatch

.DEFAULT_GOAL := help
.NOTPARALLEL:

# To be set on the command line; they reach the scripts through the environment.
export KSRC ONLY FLAVOUR ARCH ACCEL JOBS GUESTS RUNS UPDATE
export SCENARIO MINUTES SEED VARIANTS

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20
	@echo 'Variables: KSRC=/another/6.12.y/tree  ARCH=powerpc  ACCEL=kvm  JOBS=N  MINUTES=N'

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
	@FLAVOUR=debug ONLY=fuzz:$$(($(or $(MINUTES),10) * 60)),$$(date +%s) $(TESTING)/test.sh

.PHONY: fuzz-convert
fuzz-convert: ## give malformed files to klp-convert for MINUTES=10 under ASan
	@FUZZ=$$(($(or $(MINUTES),10) * 60)) SEED=$(or $(SEED),$$(date +%s)) \
		tools/livepatch/klp-convert/tests/run.sh fuzz

.PHONY: torture
torture: ## try to break the core; SCENARIO=, MINUTES=3
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
