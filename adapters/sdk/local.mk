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
	adapters/sdk/attempt.c \
	adapters/sdk/attempt.h \
	adapters/sdk/catalogue.c \
	adapters/sdk/catalogue.h \
	adapters/sdk/client.c \
	adapters/sdk/client.h \
	adapters/sdk/dealer.c \
	adapters/sdk/dealer.h \
	adapters/sdk/error.c \
	adapters/sdk/error.h \
	adapters/sdk/event.c \
	adapters/sdk/event.h \
	adapters/sdk/fact.c \
	adapters/sdk/fact.h \
	adapters/sdk/given.c \
	adapters/sdk/given.h \
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

pkgconfig_DATA += libkask.pc
dist_man_MANS += adapters/sdk/libkask.3
dist_man_MANS += $(SDK_MANS)
SDK_MANS = \
	adapters/sdk/man/kask_answer_noted.3 \
	adapters/sdk/man/kask_begin.3 \
	adapters/sdk/man/kask_close.3 \
	adapters/sdk/man/kask_commit.3 \
	adapters/sdk/man/kask_crashed.3 \
	adapters/sdk/man/kask_done.3 \
	adapters/sdk/man/kask_fd.3 \
	adapters/sdk/man/kask_fingerprint.3 \
	adapters/sdk/man/kask_init.3 \
	adapters/sdk/man/kask_join.3 \
	adapters/sdk/man/kask_later.3 \
	adapters/sdk/man/kask_next.3 \
	adapters/sdk/man/kask_next_answer.3 \
	adapters/sdk/man/kask_offering_after.3 \
	adapters/sdk/man/kask_offering_free.3 \
	adapters/sdk/man/kask_open.3 \
	adapters/sdk/man/kask_partner.3 \
	adapters/sdk/man/kask_partner_at.3 \
	adapters/sdk/man/kask_pin.3 \
	adapters/sdk/man/kask_publish.3 \
	adapters/sdk/man/kask_refused.3 \
	adapters/sdk/man/kask_request.3 \
	adapters/sdk/man/kask_rollback.3 \
	adapters/sdk/man/kask_send.3 \
	adapters/sdk/man/kask_step.3 \
	adapters/sdk/man/kask_stop_fault.3 \
	adapters/sdk/man/kask_store.3 \
	adapters/sdk/man/kask_timeout_ms.3 \
	adapters/sdk/man/kask_unpin.3 \
	adapters/sdk/man/kask_wake.3 \
	adapters/sdk/man/kask_why.3 \
	adapters/sdk/man/kask_withdraw.3

noinst_PROGRAMS += kask-example
kask_example_SOURCES = adapters/sdk/example.c
kask_example_CPPFLAGS = $(SDK_CPPFLAGS)
kask_example_LDADD = libkask.la $(PROTOBUF_C_LIBS)

SDK_TESTS = \
	t_catalogue \
	t_client \
	t_dealer \
	t_durability \
	t_hold \
	t_inbox \
	t_keyring \
	t_outbox \
	t_seal \
	t_store
check_PROGRAMS += $(SDK_TESTS)
TESTS += $(SDK_TESTS)
SDK_TEST_CPPFLAGS = $(SDK_CPPFLAGS) -I$(srcdir)/tests
check_LTLIBRARIES += libsdkworld.la
libsdkworld_la_SOURCES = \
	tests/sdk_side.c \
	tests/sdk_side.h \
	tests/sdk_world.c \
	tests/sdk_world.h
libsdkworld_la_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_catalogue_SOURCES = tests/t_catalogue.c tests/scratch.h tests/sdk_home.h tests/tap.h
t_catalogue_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_catalogue_LDADD = libkasksdk.la
t_client_SOURCES = tests/t_client.c tests/tap.h
t_client_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_client_LDADD = libsdkworld.la libkasksdk.la
t_dealer_SOURCES = tests/t_dealer.c tests/tap.h
t_dealer_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_dealer_LDADD = libkasksdk.la $(SODIUM_LIBS) $(CZMQ_LIBS) -lpthread
t_durability_SOURCES = tests/t_durability.c tests/disk.c tests/disk.h tests/tap.h
t_durability_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_durability_LDADD = libsdkworld.la libkasksdk.la $(SQLITE_LIBS)
t_hold_SOURCES = tests/t_hold.c tests/tap.h
t_hold_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_hold_LDADD = libkasksdk.la
t_inbox_SOURCES = tests/t_inbox.c tests/disk.c tests/disk.h tests/tap.h
t_inbox_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_inbox_LDADD = libsdkworld.la libkasksdk.la $(SQLITE_LIBS)
t_keyring_SOURCES = tests/t_keyring.c tests/scratch.h tests/sdk_home.h tests/tap.h
t_keyring_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_keyring_LDADD = libkasksdk.la
t_outbox_SOURCES = tests/t_outbox.c tests/scratch.h tests/sdk_home.h tests/tap.h
t_outbox_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_outbox_LDADD = libkasksdk.la
t_seal_SOURCES = tests/t_seal.c
t_seal_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_seal_LDADD = libkasksdk.la $(SODIUM_LIBS)
t_store_SOURCES = tests/t_store.c tests/disk.c tests/disk.h tests/scratch.h tests/tap.h
t_store_CPPFLAGS = $(SDK_TEST_CPPFLAGS)
t_store_LDADD = libkasksdk.la $(SQLITE_LIBS)
