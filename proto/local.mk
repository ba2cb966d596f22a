# The contract: what broker and adapters share.
PROTO_CPPFLAGS = -I$(srcdir)/proto -Iproto $(PROTOBUF_C_CFLAGS) $(SODIUM_CFLAGS)

proto_generated = proto/kask.pb-c.c proto/kask.pb-c.h proto/content.pb-c.c proto/content.pb-c.h
BUILT_SOURCES += $(proto_generated)
CLEANFILES += $(proto_generated)
EXTRA_DIST += \
	proto/PROTOCOL.md \
	proto/content.proto \
	proto/deftable.py \
	proto/kask.proto \
	proto/model \
	proto/schema \
	proto/tables \
	proto/vectors.txt
dist_pkgdata_DATA += \
	proto/kask-vocabulary.ttl \
	proto/mapping.schema.json

proto/kask.pb-c.c: proto/kask.proto
	$(AM_V_GEN)$(MKDIR_P) proto && $(PROTOC_C) -I$(srcdir)/proto --c_out=proto $(srcdir)/proto/kask.proto
proto/kask.pb-c.h: proto/kask.pb-c.c
	@test -f $@ || { rm -f $<; $(MAKE) $(AM_MAKEFLAGS) $<; }
proto/content.pb-c.c: proto/content.proto
	$(AM_V_GEN)$(MKDIR_P) proto && $(PROTOC_C) -I$(srcdir)/proto --c_out=proto $(srcdir)/proto/content.proto
proto/content.pb-c.h: proto/content.pb-c.c
	@test -f $@ || { rm -f $<; $(MAKE) $(AM_MAKEFLAGS) $<; }

noinst_LTLIBRARIES += libkaskpb.la libkaskproto.la
# protoc-c's own output is not held to -Wconversion
nodist_libkaskpb_la_SOURCES = $(proto_generated)
libkaskpb_la_SOURCES =
libkaskpb_la_CFLAGS = $(KASK_CFLAGS) -Wno-conversion -Wno-sign-conversion
libkaskpb_la_CPPFLAGS = $(PROTO_CPPFLAGS)
libkaskpb_la_LIBADD = $(PROTOBUF_C_LIBS)

libkaskproto_la_SOURCES = \
	proto/codec.c \
	proto/codec.h \
	proto/codes.c \
	proto/codes.def \
	proto/codes.h \
	proto/day.c \
	proto/day.h \
	proto/fault.c \
	proto/fault.h \
	proto/faults.def \
	proto/form.c \
	proto/form.h \
	proto/forms.def \
	proto/identifier.c \
	proto/identifier.h \
	proto/limit.c \
	proto/limit.h \
	proto/limits.def \
	proto/log.c \
	proto/log.h \
	proto/offering.c \
	proto/offering.h \
	proto/person_number.c \
	proto/person_number.h \
	proto/quantity.c \
	proto/quantity.h \
	proto/settings.c \
	proto/settings.h \
	proto/settings_example.c \
	proto/settings_read.c \
	proto/settings_store.c \
	proto/settings_store.h \
	proto/statement.c \
	proto/statement.h \
	proto/utf8.c \
	proto/utf8.h
libkaskproto_la_CPPFLAGS = $(PROTO_CPPFLAGS)
libkaskproto_la_LIBADD = libkaskpb.la $(PROTOBUF_C_LIBS) $(SODIUM_LIBS)
