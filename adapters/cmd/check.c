/*
 * check - runs the samples of a partner's folder.
 */
#include "check.h"

#include "cmd/cmd.h"

#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

int
cmd_check (const cmd_words_t *words)
{
    char path[PATH_MAX];
    char line[1400];
    problem_t problem;
    check_report_t report;
    cmd_words_t with_config = *words;
    snprintf (path, sizeof path, "%.4000s/adapter.conf", words->words[0]);
    with_config.config = path;
    settings_t *settings = cmd_settings (&with_config);
    if (!settings)
        return EX_CONFIG;
    const check_t check = {.settings = settings,
                           .folder = words->words[0],
                           .accept = words->accept != 0,
                           .out = stdout};
    bool good = check_run (&check, &report, &problem);
    settings_destroy (&settings);
    if (!good)
        return cmd_fail (EX_NOINPUT, "%s", problem_line (&problem, line, sizeof line));
    if (report.accepted)
        printf ("%zu samples accepted: read what was written before it is kept\n", report.accepted);
    else
        printf ("%zu of %zu samples are as expected\n", report.good, report.good + report.bad);
    return report.bad ? EX_DATAERR : EX_OK;
}
