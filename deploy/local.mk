# deploy
EXTRA_DIST += \
	.ci/run \
	ARCHITECTURE.md \
	CONTRIBUTING.md \
	LICENSE \
	NEWS.md \
	README.md \
	deploy/BACKUP.md \
	deploy/TWO-HOSTS.md \
	deploy/build \
	deploy/cluster \
	deploy/demo/broker.py \
	deploy/demo/daemon.py \
	deploy/demo/demo.py \
	deploy/demo/partner.py \
	deploy/demo/place.py \
	deploy/demo/report.py \
	deploy/demo/say.py \
	deploy/demo/story.py \
	deploy/install-packages \
	deploy/manual \
	deploy/packages \
	deploy/quickstart

# what an operator needs beside the programs
dist_pkgdata_SCRIPTS = deploy/migrate
sqldir = $(pkgdatadir)/sql
dist_sql_DATA = \
	deploy/sql/001-tables.sql \
	deploy/sql/002-views.sql
systemddir = $(pkgdatadir)/systemd
dist_systemd_DATA = \
	deploy/systemd/kask-adapter@.service \
	deploy/systemd/kask.sysusers \
	deploy/systemd/kaskd.service
examplesdir = $(pkgdatadir)/examples
dist_examples_DATA = \
	deploy/examples/kask-adapter.conf \
	deploy/examples/kaskd.conf
dist_man_MANS += \
	adapters/kask-adapter.1 \
	adapters/kask-adapter.conf.5 \
	broker/kaskd.conf.5
