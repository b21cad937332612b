# The web pages: files that bptmd answers as they are, and beside each text its gzip form.
WWW_FILES = \
	server/www/404.html \
	server/www/application.html \
	server/www/applications.html \
	server/www/base.css \
	server/www/device.html \
	server/www/devices.html \
	server/www/icon.svg \
	server/www/import-new.html \
	server/www/import.html \
	server/www/imports.html \
	server/www/index.html \
	server/www/lib/api.js \
	server/www/lib/command.js \
	server/www/lib/diff.js \
	server/www/lib/dom.js \
	server/www/lib/features.js \
	server/www/lib/form.js \
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
	server/www/lib/session.js \
	server/www/lib/shell.js \
	server/www/lib/state.js \
	server/www/lib/story.js \
	server/www/lib/table.js \
	server/www/lib/time.js \
	server/www/lib/words.js \
	server/www/map.html \
	server/www/operate.css \
	server/www/outage.html \
	server/www/outages.html \
	server/www/page/application.js \
	server/www/page/applications.js \
	server/www/page/device.js \
	server/www/page/devices.js \
	server/www/page/home.js \
	server/www/page/import-new.js \
	server/www/page/import.js \
	server/www/page/imports.js \
	server/www/page/map.js \
	server/www/page/outage.js \
	server/www/page/outages.js \
	server/www/page/premise.js \
	server/www/page/publication.js \
	server/www/page/publications.js \
	server/www/page/queue.js \
	server/www/page/search.js \
	server/www/page/sign-in.js \
	server/www/premise.html \
	server/www/publication.html \
	server/www/publications.html \
	server/www/queue.html \
	server/www/search.html \
	server/www/sign-in.html \
	server/www/theme.js
EXTRA_DIST += $(WWW_FILES) server/www/README.md

install-data-local:
	@rm -rf "$(DESTDIR)$(pkgdatadir)/www"
	@for file in $(WWW_FILES); do \
	    target="$(DESTDIR)$(pkgdatadir)/www/$${file#server/www/}"; \
	    $(MKDIR_P) "$${target%/*}" && \
	    $(INSTALL_DATA) "$(srcdir)/$$file" "$$target" && \
	    gzip -9nc "$(srcdir)/$$file" >"$$target.gz" || exit 1; \
	done

uninstall-local:
	rm -rf "$(DESTDIR)$(pkgdatadir)/www"
