# One part's TAP, summed up. Prints a line for the part, each failure with what follows it, and last
# `= PART PASSED FAILED SKIPPED`. Only leaves count: a test that has subtests stands for them.
# -v part= -v status= (exit status of the part) -v seconds=

function fail(what) {
    failures = failures "    not ok " what "\n"
    failed++
}

# Detail after a failed test, at most 60 lines of it.
function detail(line) {
    if (lines++ < 60) {
        failures = failures "      " line "\n"
    }
}

BEGIN { passed = failed = skipped = 0 }

/^ *---$/ && after { yaml = 1 }

!yaml && /^ *(not )?ok( |$)/ {
    match($0, /^ */)
    depth = RLENGTH
    bad = substr($0, depth + 1, 3) == "not"
    for (d in seen) {
        if (d + 0 > depth) {
            under += seen[d]
            under_failed += seen_failed[d]
            delete seen[d]
            delete seen_failed[d]
        }
    }
    capture = 0
    if (under > 0 && !(bad && under_failed == 0)) {
        # its subtests were counted
    } else if ($0 ~ /# *([Ss][Kk][Ii][Pp]|[T]ODO)/) {
        skipped++
    } else if (bad) {
        name = $0
        sub(/^ *not ok */, "", name)
        fail(name)
        capture = 1
        lines = 0
    } else {
        passed++
    }
    seen[depth]++
    seen_failed[depth] += bad
    under = under_failed = 0
    after = 1
    next
}

/^ *\.\.\.$/ { if (capture && yaml) detail($0); yaml = 0; next }

{
    if (yaml || $0 !~ /^ *# (Subtest|tests|suites|pass|fail|cancelled|skipped|todo|duration_ms)/) {
        if (capture) {
            detail($0)
        }
    }
    if ($0 !~ /^ *---$/ && !yaml) {
        after = 0
    }
}

END {
    if (status == 124 || status == 137) {
        fail("- " part " did not end in time")
    } else if (status != 0 && failed == 0) {
        fail("- " part " ended with status " status)
    }
    if (passed + failed == 0) {
        fail("- " part " ran no test")
    }
    printf "%-6s %-6s %4d passed %3d failed %3d skipped %5d s\n", failed ? "not ok" : "ok", part, passed, failed, skipped, seconds
    printf "%s", failures
    printf "= %s %d %d %d\n", part, passed, failed, skipped
}
