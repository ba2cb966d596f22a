# The broker: kaskd, and the library of its rooms that unit tests link.
BROKER_CPPFLAGS = -I$(srcdir)/broker -Ibroker $(PROTO_CPPFLAGS) $(CZMQ_CFLAGS) $(PQ_CFLAGS)

kaskd_sources = \
	broker/act.h \
	broker/admission.c \
	broker/admission.h \
	broker/agreement_act.c \
	broker/agreement_act.h \
	broker/arena.c \
	broker/arena.h \
	broker/batch.c \
	broker/batch.h \
	broker/bucket.c \
	broker/bucket.h \
	broker/calendar.c \
	broker/calendar.def \
	broker/calendar.h \
	broker/catalogue.c \
	broker/catalogue.h \
	broker/checkup.c \
	broker/checkup.h \
	broker/clerk.c \
	broker/clerk.h \
	broker/clock.c \
	broker/clock.h \
	broker/command.c \
	broker/command.h \
	broker/commands.def \
	broker/control.c \
	broker/control.h \
	broker/control_reply.c \
	broker/control_reply.h \
	broker/database.c \
	broker/database.h \
	broker/days.c \
	broker/days.h \
	broker/deadline.c \
	broker/deadline.h \
	broker/dead_letter.c \
	broker/dead_letter.h \
	broker/delivery.c \
	broker/delivery.h \
	broker/embed.c \
	broker/embed.h \
	broker/endpoint.c \
	broker/endpoint.h \
	broker/gather.c \
	broker/gather.h \
	broker/greeting.c \
	broker/greeting.h \
	broker/holders.c \
	broker/holders.h \
	broker/housekeeping.c \
	broker/inboxes.c \
	broker/inboxes.h \
	broker/intake.c \
	broker/intake.h \
	broker/item.c \
	broker/item.h \
	broker/keypair.c \
	broker/keypair.h \
	broker/keys.c \
	broker/keys.h \
	broker/known.c \
	broker/known.h \
	broker/lane.c \
	broker/lane.h \
	broker/letter.c \
	broker/letter.h \
	broker/loading.c \
	broker/loading.h \
	broker/loop.c \
	broker/loop.h \
	broker/map.c \
	broker/map.h \
	broker/operator.c \
	broker/operator.h \
	broker/outage.c \
	broker/outage.h \
	broker/outcome.c \
	broker/outcome.h \
	broker/outflow.c \
	broker/outflow.h \
	broker/partner.c \
	broker/partner.h \
	broker/partner_act.c \
	broker/partner_act.h \
	broker/pgbinary.c \
	broker/pgbinary.h \
	broker/queue.c \
	broker/queue.h \
	broker/quota.c \
	broker/quota.h \
	broker/reads.def \
	broker/recall.c \
	broker/recovery.c \
	broker/recovery.h \
	broker/recall.h \
	broker/reception.c \
	broker/reception.h \
	broker/reference.c \
	broker/reference.h \
	broker/referral.c \
	broker/referral.def \
	broker/referral.h \
	broker/refusals.c \
	broker/refusals.h \
	broker/request.c \
	broker/request.h \
	broker/run.c \
	broker/run.h \
	broker/session.c \
	broker/session.h \
	broker/settings.def \
	broker/settlement.c \
	broker/sheets.def \
	broker/statements.c \
	broker/statements.h \
	broker/store.c \
	broker/store.h \
	broker/upkeep.c \
	broker/upkeep.h \
	broker/wire.c \
	broker/wire.h \
	broker/zap.c \
	broker/zap.h

broker_generated = broker/control.pb-c.c broker/control.pb-c.h
BUILT_SOURCES += $(broker_generated)
CLEANFILES += $(broker_generated)
EXTRA_DIST += broker/control.proto

broker/control.pb-c.c: broker/control.proto
	$(AM_V_GEN)$(MKDIR_P) broker && $(PROTOC_C) -I$(srcdir)/broker --c_out=broker $(srcdir)/broker/control.proto
broker/control.pb-c.h: broker/control.pb-c.c
	@test -f $@ || { rm -f $<; $(MAKE) $(AM_MAKEFLAGS) $<; }

noinst_LTLIBRARIES += libkaskcontrolpb.la libkaskbroker.la
nodist_libkaskcontrolpb_la_SOURCES = $(broker_generated)
libkaskcontrolpb_la_SOURCES =
libkaskcontrolpb_la_CFLAGS = $(KASK_CFLAGS) -Wno-conversion -Wno-sign-conversion
libkaskcontrolpb_la_CPPFLAGS = $(PROTOBUF_C_CFLAGS)

libkaskbroker_la_SOURCES = $(kaskd_sources)
libkaskbroker_la_CPPFLAGS = $(BROKER_CPPFLAGS)
libkaskbroker_la_LIBADD = libkaskcontrolpb.la libkaskproto.la $(CZMQ_LIBS) $(PQ_LIBS)

sbin_PROGRAMS += kaskd
kaskd_SOURCES = broker/main.c
kaskd_CPPFLAGS = $(BROKER_CPPFLAGS)
kaskd_LDADD = libkaskbroker.la

bin_PROGRAMS += kask
kask_SOURCES = \
	broker/ask.c \
	broker/ask.h \
	broker/calendar.c \
	broker/command.c \
	broker/help.c \
	broker/help.h \
	broker/kask.c \
	broker/reference.c \
	broker/show.h \
	broker/show_json.c \
	broker/show_table.c
kask_CPPFLAGS = $(BROKER_CPPFLAGS)
kask_LDADD = libkaskcontrolpb.la libkaskproto.la
dist_man_MANS += \
	broker/kask.1 \
	broker/kaskd.8
