# The ready-made adapter: everything but its main in libkaskadapter.la, so that tests link it.
ADAPTER_CPPFLAGS = $(PROTO_CPPFLAGS) -I$(srcdir)/adapters -I$(srcdir)/adapters/sdk \
	$(SQLITE_CFLAGS) $(XML_CFLAGS) $(RAPTOR_CFLAGS) $(CURL_CFLAGS) $(MICROHTTPD_CFLAGS) \
	-DKASK_LIBEXECDIR='"$(libexecdir)"' -DKASK_JQDIR='"$(pkgdatadir)"'

noinst_LTLIBRARIES += libkaskadapter.la
libkaskadapter_la_CPPFLAGS = $(ADAPTER_CPPFLAGS)
libkaskadapter_la_LIBADD = $(JQ_LIBS) $(CSV_LIBS) $(XML_LIBS) $(RAPTOR_LIBS) $(SQLITE_LIBS) \
	$(CURL_LIBS) $(MICROHTTPD_LIBS) $(SODIUM_LIBS) -lpthread -lm
libkaskadapter_la_SOURCES = \
	adapters/cmd/check.c \
	adapters/cmd/cmd.h \
	adapters/cmd/commands.def \
	adapters/cmd/init.c \
	adapters/cmd/run.c \
	adapters/cmd/status.c \
	adapters/connectors/arrivals.c \
	adapters/connectors/arrivals.h \
	adapters/connectors/file.c \
	adapters/connectors/file.h \
	adapters/connectors/files.c \
	adapters/connectors/files_forget.c \
	adapters/connectors/files_forget.h \
	adapters/connectors/files_receipt.c \
	adapters/connectors/files_receipt.h \
	adapters/connectors/files_setup.c \
	adapters/connectors/files_setup.h \
	adapters/connectors/files_source.c \
	adapters/connectors/files_source.h \
	adapters/connectors/files_write.c \
	adapters/connectors/files_write.h \
	adapters/connectors/http.c \
	adapters/connectors/http_client.c \
	adapters/connectors/http_client.h \
	adapters/connectors/http_listen.c \
	adapters/connectors/http_listen.h \
	adapters/connectors/http_request.c \
	adapters/connectors/http_request.h \
	adapters/connectors/http_retry.c \
	adapters/connectors/http_retry.h \
	adapters/connectors/http_token.c \
	adapters/connectors/http_token.h \
	adapters/connectors/place.c \
	adapters/connectors/place.h \
	adapters/connectors/request.c \
	adapters/connectors/request.h \
	adapters/connectors/secret.c \
	adapters/connectors/secret.h \
	adapters/connectors/watch.c \
	adapters/connectors/watch.h \
	adapters/formats/buffer.c \
	adapters/formats/buffer.h \
	adapters/formats/csv.c \
	adapters/formats/csv_columns.c \
	adapters/formats/csv_columns.h \
	adapters/formats/csv_write.c \
	adapters/formats/format.c \
	adapters/formats/format.h \
	adapters/formats/graph.c \
	adapters/formats/graph.h \
	adapters/formats/json.c \
	adapters/formats/json_parser.c \
	adapters/formats/json_parser.h \
	adapters/formats/options.c \
	adapters/formats/options.h \
	adapters/formats/prefixes.c \
	adapters/formats/prefixes.h \
	adapters/formats/reader.h \
	adapters/formats/text.c \
	adapters/formats/text.h \
	adapters/formats/turtle.c \
	adapters/formats/turtle_parse.c \
	adapters/formats/turtle_parse.h \
	adapters/formats/turtle_write.c \
	adapters/formats/value.c \
	adapters/formats/value.h \
	adapters/formats/xml.c \
	adapters/formats/xml_names.c \
	adapters/formats/xml_names.h \
	adapters/formats/xml_write.c \
	adapters/act.c \
	adapters/act.h \
	adapters/cases.c \
	adapters/cases.h \
	adapters/check.c \
	adapters/check.h \
	adapters/connector.h \
	adapters/content_json.c \
	adapters/content_json.h \
	adapters/departure.c \
	adapters/departure.h \
	adapters/desk.c \
	adapters/desk.h \
	adapters/desk_setup.c \
	adapters/desk_setup.h \
	adapters/dialogue.c \
	adapters/dialogue.h \
	adapters/format_setup.c \
	adapters/format_setup.h \
	adapters/handover.c \
	adapters/handover.h \
	adapters/import.c \
	adapters/import.h \
	adapters/ledger.c \
	adapters/ledger.h \
	adapters/line.c \
	adapters/line.h \
	adapters/mapping.c \
	adapters/mapping.h \
	adapters/mapping_frame.h \
	adapters/neighbours.c \
	adapters/neighbours.h \
	adapters/nesting.c \
	adapters/nesting.h \
	adapters/note.c \
	adapters/note.h \
	adapters/problem.c \
	adapters/problem.h \
	adapters/reading.c \
	adapters/reading.h \
	adapters/records.c \
	adapters/records.h \
	adapters/source.c \
	adapters/source.h \
	adapters/source_row.c \
	adapters/source_row.h \
	adapters/task.c \
	adapters/task.h

# Next to kask-adapter, so that it runs from the build tree.
libexec_PROGRAMS += kask-mapping
kask_mapping_CPPFLAGS = $(ADAPTER_CPPFLAGS)
kask_mapping_LDADD = $(JQ_LIBS)
kask_mapping_SOURCES = \
	adapters/mapping_child.c \
	adapters/mapping_frame.h \
	adapters/nesting.c \
	adapters/nesting.h

bin_PROGRAMS += kask-adapter
kask_adapter_CPPFLAGS = $(ADAPTER_CPPFLAGS)
kask_adapter_LDADD = libkaskadapter.la libkasksdk.la libkaskproto.la
kask_adapter_SOURCES = \
	adapters/main.c

EXTRA_DIST += \
	adapters/ADAPTERS.md \
	adapters/formats/FORMATS.md

# What mappings include, and where its table of codes comes from.
dist_pkgdata_DATA += \
	adapters/codes.jq \
	adapters/kask.jq \
	adapters/words.jq
EXTRA_DIST += adapters/codes.awk

# A copy beside kask-adapter, so that it finds them in the build tree.
all-local: jq/kask.jq
jq/kask.jq: adapters/codes.jq adapters/kask.jq adapters/words.jq
	$(AM_V_GEN)$(MKDIR_P) jq && for file in $^; do cp -f $$file jq/ || exit 1; done
CLEANFILES += jq/codes.jq jq/kask.jq jq/words.jq
