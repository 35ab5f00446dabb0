# Conveniences; the README's commands are ./run and ./test.
.PHONY: test nightly bench soak labextension picture fleet-picture rewind-picture

test:
	./test

nightly:  ## what ./test leaves out because it takes long and repeats: more tries, the other host, the other signals
	./test -m nightly tests

bench:  ## CPU per refresh of procwidget and its peers, in one run on this machine
	.ci/venv test
	.venv/bin/python -m tests.benchmarks.bench

soak:  ## MINUTES of the dashboard under churn: threads, files, widgets and memory stay flat
	.ci/venv test
	.venv/bin/python -m tests.benchmarks.soak --minutes $(or $(MINUTES),60)

labextension:  ## what JupyterLab loads, from labextension/ into labextension/built
	.ci/venv test
	PATH="$$PWD/.venv/bin:$$PATH"; npm ci --silent --ignore-scripts --prefix labextension && npm --prefix labextension run build

picture:  ## docs/dashboard.png: real processes with made-up names in namespaces of their own; as root on Linux, with Chromium
	.ci/venv test
	.venv/bin/python tests/picture.py docs/dashboard.png

rewind-picture:  ## docs/rewind.png: a moment of the made-up recording of a notebook, with Chromium
	.ci/venv test
	.venv/bin/python tests/rewind_picture.py docs/rewind.png

fleet-picture:  ## docs/fleet.png: made-up hosts of a cluster, with Chromium
	.ci/venv test
	.venv/bin/python tests/fleet_picture.py docs/fleet.png
