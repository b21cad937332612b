# Files of the REST server: http/, the JSON codec, the statements of its resources.

server_libbptm_store_a_SOURCES += \
	server/store/audit.c server/store/audit.h \
	server/store/document.c server/store/document.h \
	server/store/idempotency.c server/store/idempotency.h

noinst_LIBRARIES += server/libbptm-http.a
server_libbptm_http_a_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS)
server_libbptm_http_a_SOURCES = \
	server/base/optional.h \
	server/codec/json_problem.c server/codec/json_problem.h \
	server/codec/json_table.c server/codec/json_table.h \
	server/http/cursor.c server/http/cursor.h \
	server/http/guard.c server/http/guard.h \
	server/http/http.h \
	server/http/params.c server/http/params.h \
	server/http/pool.c server/http/pool.h \
	server/http/reply.c server/http/request.h \
	server/http/route.c server/http/route.h \
	server/http/stats.c server/http/stats.h

# What a program that serves REST links, before SERVER_LIBS.
HTTP_LIBS = server/libbptm-http.a $(MHD_LIBS) $(JANSSON_LIBS)
