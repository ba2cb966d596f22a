# libkask, the SDK.  libkasksdk has the same rooms with nothing hidden, for tests.
SDK_CPPFLAGS = \
	$(PROTO_CPPFLAGS) \
	-I$(srcdir)/adapters/sdk \
	$(SQLITE_CFLAGS) \
	$(CZMQ_CFLAGS)

noinst_LTLIBRARIES += libkasksdk.la
libkasksdk_la_SOURCES = \
	adapters/sdk/answer.c \
	adapters/sdk/answer.h \
	adapters/sdk/bell.c \
	adapters/sdk/bell.h \
	adapters/sdk/catalogue.c \
	adapters/sdk/catalogue.h \
	adapters/sdk/client.c \
	adapters/sdk/client.h \
	adapters/sdk/dealer.c \
	adapters/sdk/dealer.h \
	adapters/sdk/error.c \
	adapters/sdk/error.h \
	adapters/sdk/handling.c \
	adapters/sdk/handling.h \
	adapters/sdk/hold.c \
	adapters/sdk/hold.h \
	adapters/sdk/identity.c \
	adapters/sdk/identity.h \
	adapters/sdk/inbox.c \
	adapters/sdk/inbox.h \
	adapters/sdk/kask.c \
	adapters/sdk/kask.h \
	adapters/sdk/keyring.c \
	adapters/sdk/keyring.h \
	adapters/sdk/moment.c \
	adapters/sdk/moment.h \
	adapters/sdk/network.c \
	adapters/sdk/network.h \
	adapters/sdk/offer.c \
	adapters/sdk/offer.h \
	adapters/sdk/outbox.c \
	adapters/sdk/outbox.h \
	adapters/sdk/port.h \
	adapters/sdk/report.c \
	adapters/sdk/report.h \
	adapters/sdk/schema.c \
	adapters/sdk/schema.h \
	adapters/sdk/seal.c \
	adapters/sdk/seal.h \
	adapters/sdk/sending.c \
	adapters/sdk/sending.h \
	adapters/sdk/setup.c \
	adapters/sdk/setup.h \
	adapters/sdk/store.c \
	adapters/sdk/store.h
libkasksdk_la_CPPFLAGS = $(SDK_CPPFLAGS)
libkasksdk_la_LIBADD = libkaskproto.la $(SQLITE_LIBS) $(CZMQ_LIBS) $(SODIUM_LIBS) $(PROTOBUF_C_LIBS)

lib_LTLIBRARIES += libkask.la
libkask_la_SOURCES =
libkask_la_LIBADD = libkasksdk.la
libkask_la_LDFLAGS = -version-info 0:0:0 -export-symbols-regex '^kask_' -no-undefined

kaskincludedir = $(includedir)/kask
kaskinclude_HEADERS = adapters/sdk/kask.h
nodist_kaskinclude_HEADERS = proto/kask.pb-c.h proto/content.pb-c.h

SDK_TESTS = \
	t_client \
	t_inbox
check_PROGRAMS += $(SDK_TESTS)
TESTS += $(SDK_TESTS)
EXTRA_DIST += tests/sdk_world.h
SDK_TEST_CPPFLAGS = $(SDK_CPPFLAGS) -I$(srcdir)/tests
t_client_SOURCES = tests/t_client.c
t_client_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_client_LDADD = libkasksdk.la
t_inbox_SOURCES = tests/t_inbox.c
t_inbox_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_inbox_LDADD = libkasksdk.la
