# tests

# make kask-bench: the bare clients of tests/bench/run
EXTRA_PROGRAMS = kask-bench
kask_bench_SOURCES = tests/bench/bench.c tests/bench/peer.c tests/bench/peer.h
kask_bench_CPPFLAGS = $(PROTO_CPPFLAGS) $(CZMQ_CFLAGS)
kask_bench_LDADD = libkaskproto.la $(CZMQ_LIBS) $(SODIUM_LIBS) $(PROTOBUF_C_LIBS)

# for tests/run
list-tests:
	@for test in $(TESTS); do echo $$test; done
.PHONY: list-tests

generated: $(BUILT_SOURCES)
lint coverage:
	$(srcdir)/tests/$@
compile_commands.json:
	$(srcdir)/tests/compile-commands
.PHONY: generated lint coverage compile_commands.json

# connectors
check_PROGRAMS += \
	t_files \
	t_http
TESTS += \
	t_files \
	t_http
t_files_SOURCES = tests/t_files.c tests/scratch.h tests/tap.h
t_files_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_files_LDADD = libkaskadapter.la libkaskproto.la
t_http_SOURCES = tests/t_http.c tests/http_server.c tests/http_server.h tests/scratch.h tests/tap.h
t_http_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_http_LDADD = libkaskadapter.la libkaskproto.la $(MICROHTTPD_LIBS) $(CURL_LIBS) $(SODIUM_LIBS)

# the broker's pure rooms
check_PROGRAMS += \
	t_calendar \
	t_reference
TESTS += \
	t_calendar \
	t_reference
t_calendar_SOURCES = tests/t_calendar.c tests/tap.h
t_calendar_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_calendar_LDADD = libkaskbroker.la
t_reference_SOURCES = tests/t_reference.c tests/tap.h
t_reference_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_reference_LDADD = libkaskbroker.la
