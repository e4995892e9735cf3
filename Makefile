# Everything goes into .venv in this folder, from the locks, once; after that no network is needed.
# No target removes what another needs: `uv pip install` adds, and the locks agree on every version.

export UV_PYTHON_DOWNLOADS := never
MAKEFLAGS += --no-print-directory

# A Python or a uv may be on PATH and yet not run (a shim of pyenv): ask it before taking it.
first_running = $(shell for python in $(1); do "$$python" -c 'import ssl, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PYTHON ?= $(call first_running,python3.11 python3 python3.12 python3.13)
UV := $(if $(shell uv --version 2>/dev/null),uv,.uv/bin/uv)
uv_here := $(filter .uv/bin/uv,$(UV))

# torch is in no lock, where hashes would bring CUDA's gigabytes. A CPU wheel on disk is found where pip would find it; tests train where one is.
TORCH := 2.13.0
torch_on_disk := $(wildcard $(addsuffix /torch-$(TORCH)*.whl,$(PIP_FIND_LINKS)))

# On every core, each test on one thread; a worker that has nothing left takes half of what another has. What tests assert is compiled once and kept.
pytest = python -m pytest -n auto --maxprocesses 8 --dist worksteal $(if $(filter-out 0,$(SLOW)),-m "") $(ARGS)
test test-pythons: export OMP_NUM_THREADS := 1
test test-pythons: export OPENBLAS_NUM_THREADS := 1
test test-pythons: export PYTHONDONTWRITEBYTECODE :=
# One version of a package for every Python, so that the numbers come from the same code.
compile = $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --annotation-style line \
	--custom-compile-command "make lock" $(if $(filter-out 0,$(UPGRADE)),--upgrade)

.PHONY: help serve reproduce sweep gpu imports test test-pythons bench load lint docs release lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s%s\n", $$1, $$2 }' Makefile

serve: .venv/.serve ## serve on 127.0.0.1:8000 (HOST=, PORT=); brings the command line and the fits as well
	@exec .venv/bin/python -m service

sweep: .venv/.sweep ## train a small ladder, fit it, find the true entropy (SWEEP=ising, BUDGET=20m)
	@.venv/bin/python -m trainer sweep $(or $(SWEEP),markov) --budget $(or $(BUDGET),7m) --ask

# Whatever Python has a torch with CUDA; of the rest only msgspec may be missing there, which is small.
gpu: ## check a GPU: parity with the CPU, MFU by width, a sweep (MINUTES=8, PARTS=parity,table,sweep, SWEEP=markov-gpu, OUT=sweeps/gpu)
	@python="$(gpu_python)"; test "$$python" || { echo "make gpu needs a Python whose torch has CUDA and sees a GPU: none of .venv/bin/python, python3, python3.13, python3.12, python3.11 is one (GPU_PYTHON= names another)." >&2; exit 2; }; \
	export PYTHONPATH=".$${PYTHONPATH:+:$$PYTHONPATH}:.gpu"; \
	"$$python" -c 'import msgspec' 2>/dev/null || "$$python" -m pip install --quiet --target .gpu msgspec; \
	"$$python" -m trainer gpu --minutes $(or $(MINUTES),8) --parts $(or $(PARTS),parity,table,sweep) --sweep $(or $(SWEEP),markov-gpu) -o $(or $(OUT),sweeps/gpu)

imports: .venv/.imports ## bring what reads Parquet and TensorBoard's event files (0.3 GB)

reproduce: .venv/.serve ## compute a study of our own sweeps again from its records (STUDY=captions; without it all)
	@.venv/bin/python -m trainer reproduce $(STUDY)

test: .venv/.test $(if $(torch_on_disk),.venv/.sweep) ## run the tests (SLOW=1: the slow ones too; ARGS="-k kaplan": these only)
	@.venv/bin/$(pytest)

test-pythons: ## run the tests on Python 3.12 and 3.13, where they are found
	@$(MAKE) test-python-3.12
	@$(MAKE) test-python-3.13

bench: .venv/.test peers ## measure ratios in one run, on a synthetic set (DATA=folder: on yours)
	@PEERS="$${PEERS:-$$(ls .venv-peers/bin/python 2>/dev/null)}" PYTHONPATH=tests/support .venv/bin/python tests/bench/bench.py

load: .venv/.test ## load a service on 127.0.0.1 with wrk: what each kind of question costs a core (SECONDS=4; PORT=8000 takes one that runs there)
	@PYTHONPATH=tests/support:tests/bench .venv/bin/python tests/bench/load.py --seconds $(or $(SECONDS),4) $(if $(PORT),--port $(PORT))

lint: .venv/.test ## ruff and mypy
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

docs: .venv/.docs ## write the generated pages of docs/ and the types of questions anew, and the site of all documents into site/
	.venv/bin/fitted-laws catalogue > docs/catalogue.md
	.venv/bin/fitted-laws reference > docs/questions.md
	.venv/bin/fitted-laws glossary > docs/glossary.md
	.venv/bin/python -m fitted_laws.documents.stub > fitted_laws/__init__.pyi
	.venv/bin/python -m fitted_laws.plots.documents frontier > docs/frontier.svg
	.venv/bin/python -m fitted_laws.plots.documents isoflop > docs/tutorials/isoflop.svg
	@rm -rf site && .venv/bin/python -m sphinx --quiet --fail-on-warning --keep-going -j auto -d build/doctrees docs site && rm -rf jupyter_execute && echo "open site/index.html"

release: .venv/.test $(uv_here) ## rehearse a release from what is committed; TAG=v0.1.0: from that tag. Wheel, sdist, notes, image; publishes nothing
	@.venv/bin/python deploy/release.py $(TAG)

lock: $(uv_here) ## write the locks anew after a change of pyproject.toml (UPGRADE=1: newer versions too)
	$(compile) --extra service --extra trainer --extra traces --extra mcp --group dev --group build -o requirements-test.lock pyproject.toml
	$(compile) --extra service --extra trainer --extra traces --group build -c requirements-test.lock -o requirements.lock pyproject.toml
	$(compile) --extra trainer-imports -c requirements-test.lock -o requirements-imports.lock pyproject.toml
	$(compile) --extra trainer-imports --group slow -c requirements-test.lock -c requirements-imports.lock -o requirements-slow.lock pyproject.toml
	$(compile) --extra trainer --group docs -c requirements-test.lock -o requirements-docs.lock pyproject.toml
	printf 'chinchilla\nsimple-scaling-laws\n' | $(compile:3.11=3.12) -o requirements-peers.lock -
	echo uv | $(compile) -o requirements-uv.lock -
	printf 'uv\ncyclonedx-bom\n' | $(compile) -o requirements-image.lock -
	@! grep -nE '://|^(torch|triton|nvidia)|(^|[ =])/' requirements*.lock # no host, no CUDA, no path of this machine

# ---- what the targets above stand on ----

# The project goes in last and offline: its build backend is in the lock.
define install
	@echo "Installing $< into $(@D) …"
	@$(UV) pip install --quiet --python $(@D)/bin/python --compile-bytecode --require-hashes -r $<
	@$(UV) pip install --quiet --python $(@D)/bin/python --offline --no-deps --no-build-isolation --editable .
	@touch $@
endef

.venv/.serve: requirements.lock pyproject.toml | .venv/bin/python
	$(install)

.venv/.test: requirements-test.lock pyproject.toml | .venv/bin/python
	$(install)

.venv/.docs: requirements-docs.lock | .venv/.test
	@echo "Installing $< into $(@D) …"
	@$(UV) pip install --quiet --python $(@D)/bin/python --compile-bytecode --require-hashes -r $<
	@touch $@

.venv/.sweep: Makefile | .venv/.serve
	@echo "Installing torch into .venv …"
	@UV_FIND_LINKS="$${PIP_FIND_LINKS:-}" $(UV) pip install --quiet --python .venv/bin/python --compile-bytecode torch==$(TORCH)
	@touch $@

.venv/.imports: requirements-imports.lock | .venv/.serve
	@echo "Installing $< into $(@D) …"
	@$(UV) pip install --quiet --python $(@D)/bin/python --compile-bytecode --require-hashes -r $<
	@touch $@

.venv-%/.test: requirements-test.lock pyproject.toml | .venv-%/bin/python
	$(install)

.venv/bin/python: | $(uv_here)
	$(need_python)
	@rm -rf .venv
	@$(UV) venv --quiet --python "$(PYTHON)" .venv

.PRECIOUS: .venv-%/.test .venv-%/bin/python
.venv-%/bin/python: | $(uv_here)
	@rm -rf .venv-$*
	@$(UV) venv --quiet --python "$(call python_of,$*)" .venv-$*

python_of = $(call first_running,python$(1) $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$(1).*/bin/python)

test-python-%:
	@if test "$(call python_of,$*)"; then $(MAKE) .venv-$*/.test && .venv-$*/bin/$(pytest); else echo "Python $*: not found, not tested"; fi

# LibreOffice, and what builds the image, are in no wheel: where root has apt, they come from there, once; elsewhere their tests skip and say why.
test: $(if $(filter-out 0,$(SLOW)),office builder cluster)
.PHONY: office builder cluster peers
office:
	@command -v soffice >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || { echo "Installing LibreOffice …"; \
	  apt-get update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y libreoffice-calc python3-uno >/dev/null; } || true
builder:
	@{ command -v buildah && command -v mmdebstrap; } >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || { echo "Installing buildah and mmdebstrap …"; \
	  apt-get update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends buildah mmdebstrap >/dev/null; } || true
# Runlevel 1: no service is started.
cluster:
	@{ PATH="$$PATH:/usr/sbin"; command -v slurmctld && command -v slurmd && command -v munged; } >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || { echo "Installing Slurm …"; \
	  apt-get update >/dev/null && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends slurmctld slurmd slurm-client munge >/dev/null; } || true

# What reads deploy/: in wheels, and, where there is apt, in Debian's packages, which are unpacked only, so that no service starts.
test: $(if $(filter-out 0,$(SLOW)),.venv/.slow .venv/.docs)
.venv/.slow: requirements-slow.lock tests/real/clients/package-lock.json | .venv/.test
	@echo "Installing $< into $(@D) …"
	@$(UV) pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@cd $(@D) && { { apt-get update || true; apt-get download prometheus caddy; } && for package in prometheus_*.deb caddy_*.deb; do \
	  dpkg -x "$$package" programs; done && rm prometheus_*.deb caddy_*.deb; } >/dev/null 2>&1 || echo "Prometheus and Caddy: not found, not tested"
	@mkdir -p $(@D)/clients && cp tests/real/clients/package*.json tests/real/clients/.npmrc $(@D)/clients/
	@cd $(@D)/clients && { PATH="$(CURDIR)/$(@D)/bin:$$PATH" npm ci --silent || echo "Node's packages: not found, not tested"; }
	@touch $@

# What the fits are measured beside, in an environment of its own: it wants other versions, and Python 3.12.
peers:
	@test -e .venv-peers/.done || ! test "$(newer_python)" || { echo "Installing requirements-peers.lock into .venv-peers …"; \
	  $(UV) venv --quiet --clear --python "$(newer_python)" .venv-peers && \
	  $(UV) pip install --quiet --python .venv-peers/bin/python --require-hashes -r requirements-peers.lock && touch .venv-peers/.done; } || true

newer_python = $(firstword $(call python_of,3.12) $(call python_of,3.13))

gpu_python = $(shell for python in $(or $(GPU_PYTHON),.venv/bin/python python3 python3.13 python3.12 python3.11); do \
	"$$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null && echo "$$python" && break; done)

need_python = @test "$(PYTHON)" || { echo "Fitted Laws needs Python 3.11 or newer, and none runs here: install python3.11 first." >&2; exit 1; }

# uv from PyPI: by pip, else by a virtual environment's pip, which Debian has in a package of its own.
.uv/bin/uv: | requirements-uv.lock
	$(need_python)
	@echo "Installing uv into .uv …"
	@rm -rf .uv
	@if "$(PYTHON)" -m pip --version >/dev/null 2>&1; then \
	  "$(PYTHON)" -m pip install -qq --require-hashes --target .uv -r requirements-uv.lock; \
	else \
	  { "$(PYTHON)" -m venv .uv || { apt-get update && apt-get install -y python3-venv && "$(PYTHON)" -m venv --clear .uv; }; } >/dev/null 2>&1 \
	    && .uv/bin/python -m pip install -qq --require-hashes -r requirements-uv.lock; \
	fi || { echo "uv could not be installed: install uv, or pip for $(PYTHON), and say make again." >&2; exit 1; }
	@touch $@
