# The web pages: files that bptmd answers as they are, and beside each text its gzip form.
WWW_FILES = \
	server/www/404.html \
	server/www/alarm.html \
	server/www/alarms.html \
	server/www/application-new.html \
	server/www/application.html \
	server/www/applications.html \
	server/www/base.css \
	server/www/benefit.html \
	server/www/custody.html \
	server/www/customer.html \
	server/www/device.html \
	server/www/devices.html \
	server/www/draft.html \
	server/www/icon.svg \
	server/www/import-new.html \
	server/www/import.html \
	server/www/imports.html \
	server/www/index.html \
	server/www/indices.html \
	server/www/installer/cbor.js \
	server/www/installer/field.css \
	server/www/installer/find.js \
	server/www/installer/frame.js \
	server/www/installer/index.html \
	server/www/installer/job-steps.js \
	server/www/installer/job.html \
	server/www/installer/jobs.html \
	server/www/installer/jobs.js \
	server/www/installer/keep.js \
	server/www/installer/label.js \
	server/www/installer/lights.js \
	server/www/installer/list.js \
	server/www/installer/order.html \
	server/www/installer/outbox.html \
	server/www/installer/outbox.js \
	server/www/installer/qr.js \
	server/www/installer/scan-worker.js \
	server/www/installer/scan.js \
	server/www/installer/set-up.html \
	server/www/installer/signed.js \
	server/www/installer/steps-text.js \
	server/www/installer/steps.html \
	server/www/installer/sw.js \
	server/www/installer/verdict.js \
	server/www/lib/alarm.js \
	server/www/lib/api.js \
	server/www/lib/chart.js \
	server/www/lib/command.js \
	server/www/lib/custody.js \
	server/www/lib/csv.js \
	server/www/lib/diff.js \
	server/www/lib/dom.js \
	server/www/lib/features.js \
	server/www/lib/figure.js \
	server/www/lib/form.js \
	server/www/lib/front.js \
	server/www/lib/grid-words.js \
	server/www/lib/import.js \
	server/www/lib/keys.js \
	server/www/lib/lamps.js \
	server/www/lib/list.js \
	server/www/lib/map-draw.js \
	server/www/lib/map-layers.js \
	server/www/lib/map-view.js \
	server/www/lib/map.js \
	server/www/lib/menu.js \
	server/www/lib/playback.js \
	server/www/lib/prefs.js \
	server/www/lib/preview.js \
	server/www/lib/session.js \
	server/www/lib/shell.js \
	server/www/lib/state.js \
	server/www/lib/story.js \
	server/www/lib/table.js \
	server/www/lib/time.js \
	server/www/lib/trusted.js \
	server/www/lib/words.js \
	server/www/map.html \
	server/www/operate.css \
	server/www/outage.html \
	server/www/outages.html \
	server/www/page/alarm.js \
	server/www/page/alarms.js \
	server/www/page/application-new.js \
	server/www/page/application.js \
	server/www/page/applications.js \
	server/www/page/benefit.js \
	server/www/page/custody.js \
	server/www/page/customer.js \
	server/www/page/device.js \
	server/www/page/devices.js \
	server/www/page/draft.js \
	server/www/page/home.js \
	server/www/page/import-new.js \
	server/www/page/import.js \
	server/www/page/imports.js \
	server/www/page/indices.js \
	server/www/page/installer-job.js \
	server/www/page/installer-jobs.js \
	server/www/page/installer-order.js \
	server/www/page/installer-outbox.js \
	server/www/page/installer-set-up.js \
	server/www/page/installer-steps.js \
	server/www/page/installer.js \
	server/www/page/map.js \
	server/www/page/outage.js \
	server/www/page/outages.js \
	server/www/page/premise.js \
	server/www/page/publication.js \
	server/www/page/publications.js \
	server/www/page/queue.js \
	server/www/page/search.js \
	server/www/page/sessions.js \
	server/www/page/sign-in.js \
	server/www/premise.html \
	server/www/publication.html \
	server/www/publications.html \
	server/www/queue.html \
	server/www/search.html \
	server/www/sessions.html \
	server/www/sign-in.html \
	server/www/theme.js
EXTRA_DIST += $(WWW_FILES) server/www/README.md server/www/bring.sh

# What others wrote (bring.sh): neither committed nor distributed, and left out where it cannot be had.
WWW_BROUGHT = server/www/vendor/.brought
$(WWW_BROUGHT): server/www/bring.sh
	@$(srcdir)/server/www/bring.sh server/www/vendor
all-local: $(WWW_BROUGHT)
clean-local:
	rm -rf server/www/vendor

# The service worker carries a hash of all of it, so that a phone has pages of one version.
install-data-local: $(WWW_BROUGHT)
	@rm -rf "$(DESTDIR)$(pkgdatadir)/www"
	@version=$$(cd "$(srcdir)" && cat $(WWW_FILES) server/www/bring.sh | sha256sum | cut -c1-16) && \
	for file in $(WWW_FILES); do \
	    target="$(DESTDIR)$(pkgdatadir)/www/$${file#server/www/}"; \
	    $(MKDIR_P) "$${target%/*}" && \
	    sed "s/@version@/$$version/" "$(srcdir)/$$file" >"$$target" && chmod 644 "$$target" && \
	    gzip -9nc "$$target" >"$$target.gz" || exit 1; \
	done
	@for file in jsqr.js qrcode.js; do \
	    [ -e "server/www/vendor/$$file" ] || continue; \
	    $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/www/vendor" && \
	    $(INSTALL_DATA) "server/www/vendor/$$file" "$(DESTDIR)$(pkgdatadir)/www/vendor/$$file" && \
	    gzip -9nc "server/www/vendor/$$file" >"$(DESTDIR)$(pkgdatadir)/www/vendor/$$file.gz" || exit 1; \
	done

uninstall-local:
	rm -rf "$(DESTDIR)$(pkgdatadir)/www"
