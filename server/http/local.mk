# Files of the REST server: http/, the JSON codec, the statements of its resources.

server_libbptm_store_a_SOURCES += \
	server/store/account.c server/store/account.h \
	server/store/alarm.c server/store/alarm.h \
	server/store/application.c server/store/application.h \
	server/store/audit.c server/store/audit.h \
	server/store/customer.c server/store/customer.h \
	server/store/decision.c server/store/decision.h \
	server/store/device_read.c server/store/device_read.h \
	server/store/document.c server/store/document.h \
	server/store/fleet_read.c server/store/fleet_read.h \
	server/store/generator.c server/store/generator.h \
	server/store/idempotency.c server/store/idempotency.h \
	server/store/import_feed.c server/store/import_feed.h \
	server/store/import_file.c server/store/import_file.h \
	server/store/import_meters.c server/store/import_meters.h \
	server/store/event_link.c server/store/event_link.h \
	server/store/import_stage.c server/store/import_stage.h \
	server/store/imports.c server/store/imports.h \
	server/store/drill.c server/store/drill.h \
	server/store/event_read.c server/store/event_read.h \
	server/store/benefit_read.c server/store/benefit_read.h \
	server/store/export.c server/store/export.h \
	server/store/feature_read.c server/store/feature_read.h \
	server/store/index_read.c server/store/index_read.h \
	server/store/outage_read.c server/store/outage_read.h \
	server/store/ownership.c server/store/ownership.h \
	server/store/part.c server/store/part.h \
	server/store/person_export.c server/store/person_export.h \
	server/store/premise.c server/store/premise.h \
	server/store/draft.c server/store/draft.h \
	server/store/preview.c server/store/preview.h \
	server/store/programme.c server/store/programme.h \
	server/store/programme_read.c server/store/programme_read.h \
	server/store/queue.c server/store/queue.h \
	server/store/query.c server/store/query.h \
	server/store/resource.c server/store/resource.h \
	server/store/session.c server/store/session.h \
	server/store/session_list.c server/store/session_list.h \
	server/store/token_read.c server/store/token_read.h \
	server/store/webhook.c server/store/webhook.h

noinst_LIBRARIES += server/libbptm-http.a
server_libbptm_http_a_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(CURL_CFLAGS) $(JOSE_CFLAGS)
server_libbptm_http_a_SOURCES = \
	server/base/optional.h \
	server/codec/claims.c server/codec/claims.h \
	server/codec/json_problem.c server/codec/json_problem.h \
	server/codec/json_table.c server/codec/json_table.h \
	server/codec/jwk_set.c server/codec/jwk_set.h \
	server/codec/jws.c server/codec/jws.h \
	server/codec/provider.c server/codec/provider.h \
	server/http/api.h \
	server/http/api_account.c \
	server/http/api_alarm.c \
	server/http/api_application.c \
	server/http/api_audit.c \
	server/http/api_command.c \
	server/http/api_custody.c \
	server/http/api_customer.c \
	server/http/api_device.c \
	server/http/api_device_key.c \
	server/http/api_draft.c \
	server/http/api_fleet.c \
	server/http/api_generator.c \
	server/http/api_health.c \
	server/http/api_import.c \
	server/http/api_metrics.c \
	server/http/api_event.c \
	server/http/api_match.c \
	server/http/api_export.c \
	server/http/api_feature.c \
	server/http/api_index.c \
	server/http/api_outage.c \
	server/http/api_part.c \
	server/http/api_premise.c \
	server/http/api_preview.c \
	server/http/api_programme.c \
	server/http/api_programme_year.c \
	server/http/api_queue.c \
	server/http/api_session.c \
	server/http/api_sessions.c \
	server/http/api_sign_in.c \
	server/http/api_sign_out.c \
	server/http/api_token.c \
	server/http/api_transition.c server/http/api_transition.h \
	server/http/api_webhook.c \
	server/http/asset.c server/http/asset.h \
	server/http/auth.c server/http/auth.h \
	server/http/bind.c server/http/bind.h \
	server/http/cursor.c server/http/cursor.h \
	server/http/door.c server/http/door.h \
	server/http/etag.c server/http/etag.h \
	server/http/exchange.c server/http/exchange.h \
	server/http/guard.c server/http/guard.h \
	server/http/http.c server/http/http.h \
	server/http/link.c server/http/link.h \
	server/http/listen.c server/http/listen.h \
	server/http/oidc.c server/http/oidc.h \
	server/http/oidc_code.c \
	server/http/oidc_fetch.c server/http/oidc_fetch.h \
	server/http/openapi.c server/http/openapi.h \
	server/http/params.c server/http/params.h \
	server/http/patch.c server/http/patch.h \
	server/http/pool.c server/http/pool.h \
	server/http/reply.c server/http/request.h \
	server/http/route.c server/http/route.h \
	server/http/route_table.c \
	server/http/run.c server/http/run.h \
	server/http/sign_in.c server/http/sign_in.h \
	server/http/stats.c server/http/stats.h server/http/client.c server/http/client.h \
	server/http/tls.c server/http/tls.h server/http/watch.c server/http/watch.h

# What a program that serves REST links, before SERVER_LIBS.
HTTP_LIBS = server/libbptm-http.a $(MHD_LIBS) $(GNUTLS_LIBS) $(CURL_LIBS) $(JOSE_LIBS)

# The contract is compiled in: each line of it becomes a string literal.
EXTRA_DIST += api/openapi.json tests/api
CLEANFILES += server/http/openapi.inc
server/http/openapi.inc: api/openapi.json
	$(AM_V_GEN)$(MKDIR_P) server/http && \
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $(srcdir)/api/openapi.json > $@.new && \
	mv $@.new $@
server/http/libbptm_http_a-openapi.$(OBJEXT): server/http/openapi.inc

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/codec/test_claims \
	tests/unit/http/test_client \
	tests/unit/http/test_door \
	tests/unit/http/test_guard \
	tests/unit/http/test_json_table \
	tests/unit/http/test_openapi \
	tests/unit/http/test_route
tests_unit_codec_test_claims_SOURCES = tests/unit/codec/test_claims.c
tests_unit_codec_test_claims_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_http_test_client_SOURCES = tests/unit/http/test_client.c
tests_unit_http_test_client_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_http_test_door_SOURCES = tests/unit/http/test_door.c
tests_unit_http_test_door_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_http_test_guard_SOURCES = tests/unit/http/test_guard.c
tests_unit_http_test_guard_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_http_test_json_table_SOURCES = tests/unit/http/test_json_table.c
tests_unit_http_test_json_table_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_http_test_openapi_SOURCES = tests/unit/http/test_openapi.c
tests_unit_http_test_openapi_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
tests_unit_http_test_route_SOURCES = tests/unit/http/test_route.c
tests_unit_http_test_route_LDADD = $(HTTP_LIBS) $(SERVER_LIBS) $(CMOCKA_LIBS)
endif
