#include "ui/theme/verdict_text.h"

#include "ui/theme/text.h"

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct VerdictText
{
    Q_DECLARE_TR_FUNCTIONS(VerdictText)
};

/// Empty where nobody looked for a number.
QString needs(const Fit& fit)
{
    if (!fit.gpus_searched)
        return {};
    if (!fit.gpus_needed)
        return VerdictText::tr("no number of GPUs will do");
    if (*fit.gpus_needed == 1)
        return VerdictText::tr("needs 1 GPU");
    return VerdictText::tr("needs %1 GPUs").arg(utf8(grouped(*fit.gpus_needed)));
}

} // namespace

QString verdictWord(Verdict verdict)
{
    switch (verdict) {
    case Verdict::fits:
        return VerdictText::tr("Fits");
    case Verdict::tight:
        return VerdictText::tr("Tight");
    case Verdict::exceeds:
        return VerdictText::tr("Exceeds");
    }
    return {};
}

QString verdictMark(Verdict verdict)
{
    switch (verdict) {
    case Verdict::fits:
        return u"✓"_s;
    case Verdict::tight:
        return u"!"_s;
    case Verdict::exceeds:
        return u"✕"_s;
    }
    return {};
}

QString verdictSentence(const Fit& fit, ByteUnit unit)
{
    if (fit.verdict == Verdict::exceeds) {
        const QString exceeds = VerdictText::tr("Exceeds by %1").arg(utf8(in_unit({-fit.free_bytes}, unit, 1)));
        const QString gpus = needs(fit);
        return gpus.isEmpty() ? exceeds : QString(exceeds % u" · "_s % gpus);
    }
    return VerdictText::tr("%1 · %2 used · %3 free")
        .arg(verdictWord(fit.verdict), utf8(percent_text(fit.fraction)), utf8(in_unit({fit.free_bytes}, unit, 1)));
}

QString verdictShort(const Fit& fit)
{
    QString percent = verdictMark(fit.verdict) % u' ' % utf8(percent_text(fit.fraction));
    switch (fit.verdict) {
    case Verdict::fits:
        return percent;
    case Verdict::tight:
        return VerdictText::tr("%1 tight").arg(percent);
    case Verdict::exceeds:
        break;
    }
    constexpr double moreSaysNothing = 100; // times the capacity; the sentence has the figure
    if (!fit.gpus_searched && fit.fraction < moreSaysNothing)
        return percent;
    if (!fit.gpus_needed)
        return fit.fraction < moreSaysNothing ? VerdictText::tr("%1 · too small").arg(percent)
                                              : VerdictText::tr("%1 far too small").arg(verdictMark(fit.verdict));
    return VerdictText::tr("%1 · needs %2").arg(percent, utf8(grouped(*fit.gpus_needed)));
}

QString basisText(const Term& term, ByteUnit unit)
{
    QString basis = coreText(basis_name(term.basis));
    if (term.low == term.high)
        return basis;
    return VerdictText::tr("%1, %2 to %3")
        .arg(basis, utf8(in_unit_bare(term.low, unit)), utf8(in_unit(term.high, unit)));
}

QString rangeText(Bytes low, Bytes high, ByteUnit unit, int decimals)
{
    const std::string from = in_unit_bare(low, unit, decimals);
    const std::string to = in_unit_bare(high, unit, decimals);
    if (from == to)
        return {};
    return utf8(from) % u"\u00A0–\u00A0"_s % utf8(to); // never broken over two lines
}

} // namespace weighbridge
