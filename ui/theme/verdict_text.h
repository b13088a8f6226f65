#pragma once

#include "core/estimate/fit.h"
#include "core/memory/term.h"
#include "core/quantity/display.h"

#include <QCoreApplication>
#include <QString>

namespace weighbridge {

/// "Fits", "Tight", "Exceeds", "Can’t run" ...
QString verdictWord(Verdict verdict);

/// "✓", "!", "✕", "?": the verdict without colour.
QString verdictMark(Verdict verdict);

/// "Fits · 83 % used · 13.9 GiB free", "Exceeds by 12.3 GiB · needs 4 GPUs".
QString verdictSentence(const Fit& fit, ByteUnit unit);

/// Why, in a sentence: "Exceeds by 9.8 GiB: 33.8 GiB are needed on each GPU, 24.0 GiB are there."
QString verdictReason(const Fit& fit, ByteUnit unit);

/// "✓ 83 %", "! 95 % tight", "✕ 164 % · needs 8".
QString verdictShort(const Fit& fit);
/// The same without what can be left out: "! 94 %", "✕ Can't run".
QString verdictShortest(const Fit& fit);

/// "exact", or with the range: "derived, 0.63 to 0.77 GiB".
QString basisText(const Term& term, ByteUnit unit);

/// "32.1 – 33.2"; empty where there is no range.
QString rangeText(Bytes low, Bytes high, ByteUnit unit, int decimals);

} // namespace weighbridge
