/*
 * fuzz - the entries of the fuzz targets.
 *
 * A target takes any bytes and comes back; what it must never do is crash,
 * leak, or hand out what its contract excludes (then it aborts).  Alone
 * (FUZZ_ALONE, tests/fuzz/run) its entry is libFuzzer's; in t_corpus each has
 * its own name.
 */
#ifndef KASK_FUZZ_H
#define KASK_FUZZ_H

#include <stddef.h>
#include <stdint.h>

// Each returns 0.
typedef int (fuzz_fn) (const uint8_t *data, size_t size);

#ifdef FUZZ_ALONE
fuzz_fn LLVMFuzzerTestOneInput;
#define FUZZ(name) int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
#else
#define TARGET(name) fuzz_fn fuzz_##name;
#include "targets.def"
#undef TARGET
#define FUZZ(name) int fuzz_##name (const uint8_t *data, size_t size)
#endif

#endif
