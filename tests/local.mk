# tests

# proto
proto_tests = \
	tests/t_codec \
	tests/t_codes \
	tests/t_fault \
	tests/t_form \
	tests/t_form_limits \
	tests/t_identifier \
	tests/t_log \
	tests/t_offering \
	tests/t_person_number \
	tests/t_settings \
	tests/t_statement \
	tests/t_vectors
check_PROGRAMS += $(proto_tests)
TESTS += $(proto_tests)
PROTO_TEST_LIBS = libkaskproto.la $(PROTOBUF_C_LIBS) $(SODIUM_LIBS)
tests_t_codec_SOURCES = tests/t_codec.c tests/codec_wire.h tests/tap.h
tests_t_codec_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_codec_LDADD = $(PROTO_TEST_LIBS)
tests_t_form_SOURCES = tests/t_form.c tests/codec_wire.h tests/tap.h
tests_t_form_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_form_LDADD = $(PROTO_TEST_LIBS)
tests_t_form_limits_SOURCES = tests/t_form_limits.c tests/codec_wire.h tests/tap.h
tests_t_form_limits_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_form_limits_LDADD = $(PROTO_TEST_LIBS)
tests_t_codes_SOURCES = tests/t_codes.c tests/tap.h
tests_t_codes_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_codes_LDADD = $(PROTO_TEST_LIBS)
tests_t_fault_SOURCES = tests/t_fault.c tests/tap.h
tests_t_fault_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_fault_LDADD = $(PROTO_TEST_LIBS)
tests_t_identifier_SOURCES = tests/t_identifier.c tests/tap.h
tests_t_identifier_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_identifier_LDADD = $(PROTO_TEST_LIBS)
tests_t_log_SOURCES = tests/t_log.c tests/tap.h
tests_t_log_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_log_LDADD = $(PROTO_TEST_LIBS)
tests_t_offering_SOURCES = tests/t_offering.c tests/tap.h
tests_t_offering_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_offering_LDADD = $(PROTO_TEST_LIBS)
tests_t_person_number_SOURCES = tests/t_person_number.c tests/tap.h
tests_t_person_number_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_person_number_LDADD = $(PROTO_TEST_LIBS)
tests_t_settings_SOURCES = tests/t_settings.c tests/tap.h
tests_t_settings_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_settings_LDADD = $(PROTO_TEST_LIBS)
tests_t_statement_SOURCES = tests/t_statement.c tests/tap.h
tests_t_statement_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests
tests_t_statement_LDADD = $(PROTO_TEST_LIBS)
tests_t_vectors_SOURCES = tests/t_vectors.c tests/tap.h proto/vectors.c proto/vectors.h
tests_t_vectors_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/tests -DKASK_SRCDIR='"$(abs_srcdir)"'
tests_t_vectors_LDADD = $(PROTO_TEST_LIBS)
vectors: tests/t_vectors
	tests/t_vectors --print >$(srcdir)/proto/vectors.txt
.PHONY: vectors

# make kask-bench: the bare clients of tests/bench/run
EXTRA_PROGRAMS = kask-bench
kask_bench_SOURCES = tests/bench/bench.c tests/bench/hostile.c tests/bench/hostile.h tests/bench/peer.c tests/bench/peer.h
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
connector_tests = \
	t_files \
	t_files_source \
	t_files_write \
	t_http \
	t_http_listen \
	t_http_retry \
	t_http_token
check_PROGRAMS += connect $(connector_tests)
TESTS += $(connector_tests)
connect_SOURCES = tests/connect.c
connect_CPPFLAGS = $(ADAPTER_CPPFLAGS)
connect_LDADD = libkaskadapter.la libkaskproto.la
files_bench_sources = tests/connector_bench.h tests/files_bench.h tests/scratch.h tests/tap.h
http_bench_sources = \
	tests/connector_bench.h \
	tests/http_bench.h \
	tests/http_server.c \
	tests/http_server.h \
	tests/scratch.h \
	tests/tap.h
HTTP_TEST_LIBS = libkaskadapter.la libkaskproto.la $(MICROHTTPD_LIBS) $(CURL_LIBS) $(SODIUM_LIBS)
t_files_SOURCES = tests/t_files.c $(files_bench_sources)
t_files_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_files_LDADD = libkaskadapter.la libkaskproto.la
t_files_source_SOURCES = tests/t_files_source.c $(files_bench_sources)
t_files_source_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_files_source_LDADD = libkaskadapter.la libkaskproto.la
t_files_write_SOURCES = tests/t_files_write.c $(files_bench_sources)
t_files_write_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_files_write_LDADD = libkaskadapter.la libkaskproto.la
t_http_SOURCES = tests/t_http.c $(http_bench_sources)
t_http_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_http_LDADD = $(HTTP_TEST_LIBS)
t_http_listen_SOURCES = tests/t_http_listen.c $(http_bench_sources)
t_http_listen_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_http_listen_LDADD = $(HTTP_TEST_LIBS)
t_http_retry_SOURCES = tests/t_http_retry.c $(http_bench_sources)
t_http_retry_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_http_retry_LDADD = $(HTTP_TEST_LIBS)
t_http_token_SOURCES = tests/t_http_token.c $(http_bench_sources)
t_http_token_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
t_http_token_LDADD = $(HTTP_TEST_LIBS)

# the broker's pure rooms
check_PROGRAMS += \
	t_calendar \
	t_recovery \
	t_reference
TESTS += \
	t_calendar \
	t_recovery \
	t_reference
t_calendar_SOURCES = tests/t_calendar.c tests/tap.h
t_calendar_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_calendar_LDADD = libkaskbroker.la
t_recovery_SOURCES = tests/t_recovery.c tests/tap.h
t_recovery_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_recovery_LDADD = libkaskbroker.la
t_reference_SOURCES = tests/t_reference.c tests/tap.h
t_reference_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_reference_LDADD = libkaskbroker.la

check_PROGRAMS += \
	t_deadline \
	t_lane \
	t_referral
TESTS += \
	t_deadline \
	t_lane \
	t_referral
t_deadline_SOURCES = tests/t_deadline.c tests/tap.h
t_deadline_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_deadline_LDADD = libkaskbroker.la
t_lane_SOURCES = tests/t_lane.c tests/tap.h
t_lane_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_lane_LDADD = libkaskbroker.la
t_referral_SOURCES = tests/t_referral.c tests/tap.h
t_referral_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_referral_LDADD = libkaskbroker.la

# the desk of kask-adapter
desk_tests = \
	t_act \
	t_cases \
	t_check \
	t_content_json \
	t_departure \
	t_dialogue \
	t_formats \
	t_handover \
	t_import \
	t_mapping \
	t_neighbours \
	t_records \
	t_source
check_PROGRAMS += $(desk_tests)
TESTS += $(desk_tests)
DESK_TEST_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests
DESK_TEST_LIBS = libkaskadapter.la libkasksdk.la libkaskproto.la
check_LTLIBRARIES += libdeskworld.la
libdeskworld_la_SOURCES = \
	tests/desk_bench.c \
	tests/desk_bench.h \
	tests/desk_world.c \
	tests/desk_world.h
libdeskworld_la_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_act_SOURCES = tests/t_act.c tests/tap.h
t_act_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_act_LDADD = $(DESK_TEST_LIBS)
t_cases_SOURCES = tests/t_cases.c tests/tap.h
t_cases_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_cases_LDADD = $(DESK_TEST_LIBS)
t_check_SOURCES = tests/t_check.c tests/scratch.h tests/tap.h
t_check_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_check_LDADD = $(DESK_TEST_LIBS)
t_content_json_SOURCES = tests/t_content_json.c tests/tap.h
t_content_json_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_content_json_LDADD = $(DESK_TEST_LIBS)
t_departure_SOURCES = tests/t_departure.c tests/tap.h
t_departure_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_departure_LDADD = libdeskworld.la libsdkworld.la $(DESK_TEST_LIBS)
t_dialogue_SOURCES = tests/t_dialogue.c tests/scratch.h tests/tap.h
t_dialogue_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_dialogue_LDADD = $(DESK_TEST_LIBS)
t_formats_SOURCES = tests/t_formats.c tests/tap.h
t_formats_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_formats_LDADD = $(DESK_TEST_LIBS)
t_handover_SOURCES = tests/t_handover.c tests/scratch.h tests/tap.h
t_handover_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_handover_LDADD = libdeskworld.la libsdkworld.la $(DESK_TEST_LIBS)
t_import_SOURCES = tests/t_import.c tests/tap.h
t_import_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_import_LDADD = libdeskworld.la libsdkworld.la $(DESK_TEST_LIBS)
t_mapping_SOURCES = tests/t_mapping.c tests/scratch.h tests/tap.h
t_mapping_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_mapping_LDADD = $(DESK_TEST_LIBS)
t_neighbours_SOURCES = tests/t_neighbours.c tests/scratch.h tests/tap.h
t_neighbours_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_neighbours_LDADD = libdeskworld.la libsdkworld.la $(DESK_TEST_LIBS)
t_records_SOURCES = tests/t_records.c tests/tap.h
t_records_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_records_LDADD = $(DESK_TEST_LIBS)
t_source_SOURCES = tests/t_source.c tests/scratch.h tests/tap.h
t_source_CPPFLAGS = $(DESK_TEST_CPPFLAGS)
t_source_LDADD = libdeskworld.la libsdkworld.la $(DESK_TEST_LIBS)
check_PROGRAMS += t_real
TESTS += t_real
EXTRA_DIST += tests/real/catalogue.jq
t_real_SOURCES = tests/t_real.c tests/tap.h
t_real_CPPFLAGS = $(DESK_TEST_CPPFLAGS) -DKASK_SRCDIR='"$(abs_srcdir)"'
t_real_LDADD = $(DESK_TEST_LIBS)

check_PROGRAMS += t_vocabulary
TESTS += t_vocabulary
t_vocabulary_SOURCES = tests/t_vocabulary.c tests/tap.h
t_vocabulary_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests -DKASK_SRCDIR='"$(abs_srcdir)"'
t_vocabulary_LDADD = libkaskadapter.la libkasksdk.la libkaskproto.la $(PROTOBUF_C_LIBS)

# fuzz targets: all of them in t_corpus, each alone by tests/fuzz/run
fuzz_sources = \
	tests/fuzz/fuzz.h \
	tests/fuzz/fuzz_codec.c \
	tests/fuzz/fuzz_csv.c \
	tests/fuzz/fuzz_http_request.c \
	tests/fuzz/fuzz_json.c \
	tests/fuzz/fuzz_rows.c \
	tests/fuzz/fuzz_settings.c \
	tests/fuzz/fuzz_turtle.c \
	tests/fuzz/fuzz_xml.c \
	tests/fuzz/reading.c \
	tests/fuzz/reading.h \
	tests/fuzz/targets.def
EXTRA_DIST += \
	tests/fuzz/corpus \
	tests/fuzz/lsan.supp \
	tests/fuzz/run
check_PROGRAMS += t_corpus
TESTS += t_corpus
t_corpus_SOURCES = tests/t_corpus.c tests/tap.h $(fuzz_sources)
t_corpus_CPPFLAGS = $(ADAPTER_CPPFLAGS) $(BROKER_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tests/fuzz -DKASK_SRCDIR='"$(abs_srcdir)"'
t_corpus_LDADD = libkaskadapter.la libkasksdk.la libkaskbroker.la libkaskproto.la $(SODIUM_LIBS)

fuzz_programs = \
	fuzz_codec \
	fuzz_csv \
	fuzz_http_request \
	fuzz_json \
	fuzz_rows \
	fuzz_settings \
	fuzz_turtle \
	fuzz_xml
EXTRA_PROGRAMS += $(fuzz_programs)
FUZZ_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests/fuzz -DFUZZ_ALONE
LIBFUZZER_FLAGS = -fsanitize=fuzzer
FUZZ_LIBS = libkaskadapter.la libkasksdk.la libkaskproto.la
fuzz_codec_SOURCES = tests/fuzz/fuzz_codec.c
fuzz_codec_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_codec_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_codec_LDADD = libkaskproto.la $(PROTOBUF_C_LIBS)
fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/reading.c
fuzz_csv_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_csv_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_csv_LDADD = $(FUZZ_LIBS)
fuzz_http_request_SOURCES = tests/fuzz/fuzz_http_request.c
fuzz_http_request_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_http_request_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_http_request_LDADD = $(FUZZ_LIBS)
fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/reading.c
fuzz_json_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_json_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_json_LDADD = $(FUZZ_LIBS)
fuzz_rows_SOURCES = tests/fuzz/fuzz_rows.c
fuzz_rows_CPPFLAGS = $(FUZZ_CPPFLAGS) $(BROKER_CPPFLAGS)
fuzz_rows_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_rows_LDADD = libkaskbroker.la $(SODIUM_LIBS)
fuzz_settings_SOURCES = tests/fuzz/fuzz_settings.c
fuzz_settings_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_settings_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_settings_LDADD = libkaskproto.la $(PROTOBUF_C_LIBS)
fuzz_turtle_SOURCES = tests/fuzz/fuzz_turtle.c tests/fuzz/reading.c
fuzz_turtle_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_turtle_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_turtle_LDADD = $(FUZZ_LIBS)
fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c tests/fuzz/reading.c
fuzz_xml_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_xml_LDFLAGS = $(LIBFUZZER_FLAGS)
fuzz_xml_LDADD = $(FUZZ_LIBS)
fuzz-programs: $(fuzz_programs)
fuzz:
	$(srcdir)/tests/fuzz/run
.PHONY: fuzz fuzz-programs
# partners' programs on libkask, for scenarios and the benchmark
check_PROGRAMS += \
	kask-test-backlog \
	kask-test-hand \
	kask-test-partner \
	kask-test-setup \
	kask-test-traced
kask_test_backlog_SOURCES = tests/crash/backlog.c
kask_test_backlog_CPPFLAGS = $(SDK_CPPFLAGS)
kask_test_backlog_LDADD = libkask.la $(PROTOBUF_C_LIBS)
kask_test_hand_SOURCES = tests/crash/hand.c
kask_test_hand_CPPFLAGS = $(SDK_CPPFLAGS)
kask_test_hand_LDADD = libkask.la $(PROTOBUF_C_LIBS)
kask_test_partner_SOURCES = \
	tests/crash/goal.c \
	tests/crash/goal.h \
	tests/crash/partner.c \
	tests/crash/power.c \
	tests/crash/system.c \
	tests/crash/system.h \
	tests/disk.c \
	tests/disk.h
kask_test_partner_CPPFLAGS = $(SDK_CPPFLAGS) -I$(srcdir)/tests
kask_test_partner_LDADD = libkask.la $(SQLITE_LIBS) $(PROTOBUF_C_LIBS) -lpthread
kask_test_traced_SOURCES = tests/crash/goal.c tests/crash/goal.h tests/crash/traced.c
kask_test_traced_CPPFLAGS = $(SDK_CPPFLAGS)
kask_test_traced_LDADD = libkask.la $(PROTOBUF_C_LIBS)
kask_test_setup_SOURCES = tests/crash/setup.c
kask_test_setup_CPPFLAGS = $(SDK_CPPFLAGS)
kask_test_setup_LDADD = libkask.la $(PROTOBUF_C_LIBS)
# The programs with a stopper at every durable write and every send (tests/lib/points.py).
check_PROGRAMS += \
	kask-adapter-points \
	kask-test-partner-points \
	kaskd-points
POINTS = tests/crash/points.c tests/crash/points.h
WRAP_BROKER = -Wl,--wrap=database_put,--wrap=PQpipelineSync,--wrap=wire_send,--wrap=session_reply,--wrap=session_fault,--wrap=zmq_send,--wrap=send,--wrap=rename,--wrap=fsync
WRAP_SDK = -Wl,--wrap=store_commit,--wrap=store_leave,--wrap=dealer_send,--wrap=zmq_send
WRAP_ADAPTER = -Wl,--wrap=kask_commit,--wrap=kask_send,--wrap=kask_publish,--wrap=kask_withdraw,--wrap=kask_done,--wrap=kask_later,--wrap=kask_crashed,--wrap=kask_refused,--wrap=kask_answer_noted,--wrap=file_write,--wrap=file_move,--wrap=fsync,--wrap=renameat,--wrap=renameat2,--wrap=unlinkat,--wrap=curl_easy_perform,--wrap=MHD_queue_response
kaskd_points_SOURCES = broker/main.c tests/crash/points_broker.c $(POINTS)
kaskd_points_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests/crash
kaskd_points_LDFLAGS = $(WRAP_BROKER)
kaskd_points_LDADD = libkaskbroker.la
kask_test_partner_points_SOURCES = $(kask_test_partner_SOURCES) tests/crash/points_sdk.c $(POINTS)
kask_test_partner_points_CPPFLAGS = $(SDK_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tests/crash
kask_test_partner_points_LDFLAGS = $(WRAP_SDK)
kask_test_partner_points_LDADD = libkasksdk.la $(SQLITE_LIBS) $(PROTOBUF_C_LIBS) -lpthread
kask_adapter_points_SOURCES = adapters/main.c tests/disk.c tests/disk.h tests/crash/points_adapter.c tests/crash/points_sdk.c $(POINTS)
kask_adapter_points_CPPFLAGS = $(ADAPTER_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tests/crash
kask_adapter_points_LDFLAGS = $(WRAP_SDK) $(WRAP_ADAPTER)
kask_adapter_points_LDADD = libkaskadapter.la libkasksdk.la libkaskproto.la $(SQLITE_LIBS) -lpthread
EXTRA_PROGRAMS += kask-bench-sdk
kask_bench_sdk_SOURCES = tests/bench/sdk.c
kask_bench_sdk_CPPFLAGS = $(SDK_CPPFLAGS)
kask_bench_sdk_CFLAGS = $(AM_CFLAGS) -pthread
kask_bench_sdk_LDADD = libkask.la $(PROTOBUF_C_LIBS) -lpthread

# small disks for programs; preloaded, so it is one file without sanitizers
check_DATA = tests/small_disk.so
EXTRA_DIST += tests/small_disk.c
CLEANFILES += tests/small_disk.so
tests/small_disk.so: tests/small_disk.c
	$(AM_V_CCLD)$(MKDIR_P) tests && $(CC) -std=c11 -O2 -Wall -Wextra -Wconversion -fPIC -shared -o $@ $(srcdir)/tests/small_disk.c

# more of the broker's rooms
room_tests = \
	t_arena \
	t_batch \
	t_clock \
	t_endpoint \
	t_holders \
	t_inboxes \
	t_gather \
	t_intake \
	t_known \
	t_map \
	t_outage \
	t_outflow \
	t_partner \
	t_pgbinary \
	t_queue \
	t_quota \
	t_recall \
	t_refusals \
	t_run
check_PROGRAMS += $(room_tests)
TESTS += $(room_tests)
t_arena_SOURCES = tests/t_arena.c tests/tap.h
t_arena_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_arena_LDADD = libkaskbroker.la
t_batch_SOURCES = tests/t_batch.c tests/tap.h
t_batch_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_batch_LDADD = libkaskbroker.la $(SODIUM_LIBS)
t_gather_SOURCES = tests/t_gather.c tests/tap.h
t_gather_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_gather_LDADD = libkaskbroker.la $(SODIUM_LIBS)
t_intake_SOURCES = tests/t_intake.c tests/tap.h
t_intake_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_intake_LDADD = libkaskbroker.la $(SODIUM_LIBS)
t_clock_SOURCES = tests/t_clock.c tests/tap.h
t_clock_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_clock_LDADD = libkaskbroker.la
t_endpoint_SOURCES = tests/t_endpoint.c tests/tap.h
t_endpoint_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_endpoint_LDADD = libkaskbroker.la
t_holders_SOURCES = tests/t_holders.c tests/tap.h
t_holders_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_holders_LDADD = libkaskbroker.la
t_inboxes_SOURCES = tests/t_inboxes.c tests/tap.h
t_inboxes_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_inboxes_LDADD = libkaskbroker.la
t_known_SOURCES = tests/t_known.c tests/tap.h
t_known_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_known_LDADD = libkaskbroker.la $(SODIUM_LIBS)
t_map_SOURCES = tests/t_map.c tests/tap.h
t_map_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_map_LDADD = libkaskbroker.la
t_quota_SOURCES = tests/t_quota.c tests/tap.h
t_quota_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_quota_LDADD = libkaskbroker.la
t_outage_SOURCES = tests/t_outage.c tests/tap.h
t_outage_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_outage_LDADD = libkaskbroker.la
t_outflow_SOURCES = tests/t_outflow.c tests/tap.h
t_outflow_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_outflow_LDADD = libkaskbroker.la
t_partner_SOURCES = tests/t_partner.c tests/tap.h
t_partner_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_partner_LDADD = libkaskbroker.la
t_pgbinary_SOURCES = tests/t_pgbinary.c tests/tap.h
t_pgbinary_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_pgbinary_LDADD = libkaskbroker.la
t_queue_SOURCES = tests/t_queue.c tests/tap.h
t_queue_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_queue_LDADD = libkaskbroker.la
t_recall_SOURCES = tests/t_recall.c tests/tap.h
t_recall_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_recall_LDADD = libkaskbroker.la $(SODIUM_LIBS)
t_refusals_SOURCES = tests/t_refusals.c tests/tap.h
t_refusals_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_refusals_LDADD = libkaskbroker.la
t_run_SOURCES = tests/t_run.c tests/tap.h
t_run_CPPFLAGS = $(BROKER_CPPFLAGS) -I$(srcdir)/tests
t_run_LDADD = libkaskbroker.la
