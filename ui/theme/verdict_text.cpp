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
        return VerdictText::tr("no layout of up to %1 GPUs does it").arg(utf8(grouped(most_layout_gpus)));
    if (*fit.gpus_needed == 1)
        return VerdictText::tr("needs 1 GPU");
    const QString gpus = VerdictText::tr("needs %1 GPUs").arg(utf8(grouped(*fit.gpus_needed)));
    const bool byTensors = !fit.layout_needed || fit.layout_needed->is_tensor_alone();
    return byTensors ? gpus : QString(gpus % u", "_s % utf8(fit.layout_text));
}

/// What would hold it, or what was tried; empty where nobody looked for it.
QString wouldDo(const Fit& fit)
{
    if (!fit.gpus_searched || fit.layouts_tried.empty())
        return {};
    if (fit.gpus_needed)
        return VerdictText::tr("%1 would do: %2.").arg(utf8(grouped(*fit.gpus_needed)), utf8(fit.layout_text));
    QStringList tried;
    for (const std::string_view layout : fit.layouts_tried)
        tried << utf8(layout);
    return VerdictText::tr("No layout of up to %1 GPUs does it (tried: %2).")
        .arg(utf8(grouped(most_layout_gpus)), tried.join(u", "_s));
}

} // namespace

QString verdictWord(Verdict verdict)
{
    switch (verdict) {
    case Verdict::fits:
        return VerdictText::tr("Fits");
    case Verdict::tight:
    case Verdict::fits_if_given_back:
        return VerdictText::tr("Tight");
    case Verdict::exceeds:
        return VerdictText::tr("Exceeds");
    case Verdict::would_not_start:
        return VerdictText::tr("Would not start");
    case Verdict::cant_run:
        return VerdictText::tr("Can’t run");
    case Verdict::not_known:
        return VerdictText::tr("Not known");
    }
    return {};
}

QString verdictMark(Verdict verdict)
{
    switch (verdict) {
    case Verdict::fits:
        return u"✓"_s;
    case Verdict::tight:
    case Verdict::fits_if_given_back:
        return u"!"_s;
    case Verdict::exceeds:
    case Verdict::would_not_start:
    case Verdict::cant_run:
        return u"✕"_s;
    case Verdict::not_known:
        return u"?"_s;
    }
    return {};
}

QString verdictSentence(const Fit& of_devices, ByteUnit unit)
{
    const Fit fit = of_devices.decisive();
    if (fit.decided_by == "host")
        return VerdictText::tr("Host: %1")
            .arg(fit.verdict == Verdict::exceeds
                     ? VerdictText::tr("exceeds by %1").arg(utf8(in_unit({-fit.free_bytes}, unit, 1)))
                     : VerdictText::tr("%1 used · %2 free")
                           .arg(utf8(percent_text(fit.fraction)), utf8(in_unit({fit.free_bytes}, unit, 1))));
    switch (fit.verdict) {
    case Verdict::fits:
    case Verdict::tight:
        break;
    case Verdict::fits_if_given_back:
        return VerdictText::tr("%1 · if the allocator gives back").arg(verdictWord(fit.verdict));
    case Verdict::exceeds: {
        const QString exceeds = VerdictText::tr("Exceeds by %1").arg(utf8(in_unit({-fit.free_bytes}, unit, 1)));
        const QString gpus = needs(fit);
        return gpus.isEmpty() ? exceeds : QString(exceeds % u" · "_s % gpus);
    }
    case Verdict::would_not_start:
    case Verdict::cant_run:
    case Verdict::not_known:
        return verdictWord(fit.verdict);
    }
    return VerdictText::tr("%1 · %2 used · %3 free")
        .arg(verdictWord(fit.verdict), utf8(percent_text(fit.fraction)), utf8(in_unit({fit.free_bytes}, unit, 1)));
}

QString verdictReason(const Fit& of_devices, ByteUnit unit)
{
    const Fit fit = of_devices.decisive();
    const QString needed = utf8(in_unit(fit.needed, unit, 1));
    const QString usable = utf8(in_unit(fit.usable, unit, 1));
    if (fit.decided_by == "host")
        return VerdictText::tr("%1: %2 of %3 in the host’s memory.").arg(verdictWord(fit.verdict), needed, usable);
    const QString refusal = fit.refusal ? coreText(fit.refusal->text) : QString();
    switch (fit.verdict) {
    case Verdict::fits:
        break;
    case Verdict::tight:
        if (!(fit.high > fit.usable))
            break;
        return VerdictText::tr("It fits by the figure, %1 of %2; the upper end, %3, does not fit.")
            .arg(needed, usable, utf8(in_unit(fit.high, unit, 1)));
    case Verdict::fits_if_given_back:
        return VerdictText::tr("%1 of %2 are allocated; the allocator would hold %3 if it could. "
                               "It runs if it gives back.")
            .arg(needed, usable, utf8(in_unit(fit.would_hold, unit, 1)));
    case Verdict::exceeds: {
        const QString exceeds = VerdictText::tr("Exceeds by %1: %2 are needed on each GPU, %3 are there.")
                                    .arg(utf8(in_unit({-fit.free_bytes}, unit, 1)), needed, usable);
        const QString more = wouldDo(fit);
        return more.isEmpty() ? exceeds : QString(exceeds % u'\n' % more);
    }
    case Verdict::would_not_start:
    case Verdict::cant_run:
        return VerdictText::tr("%1.").arg(refusal);
    case Verdict::not_known:
        return VerdictText::tr("%1. By the figures alone: %2 of %3.").arg(refusal, needed, usable);
    }
    return VerdictText::tr("%1: %2 of %3 on each GPU, %4 free.")
        .arg(verdictWord(fit.verdict), needed, usable, utf8(in_unit({fit.free_bytes}, unit, 1)));
}

QString verdictShort(const Fit& of_devices)
{
    const Fit fit = of_devices.decisive();
    const QString mark = verdictMark(fit.verdict);
    QString percent = mark % u' ' % utf8(percent_text(fit.fraction));
    switch (fit.verdict) {
    case Verdict::fits:
        return percent;
    case Verdict::tight:
    case Verdict::fits_if_given_back:
        return VerdictText::tr("%1 tight").arg(percent);
    case Verdict::would_not_start:
    case Verdict::cant_run:
    case Verdict::not_known:
        return VerdictText::tr("%1 %2").arg(mark, verdictWord(fit.verdict));
    case Verdict::exceeds:
        break;
    }
    constexpr double moreSaysNothing = 100; // times the capacity; the sentence has the figure
    if (!fit.gpus_searched && fit.fraction < moreSaysNothing)
        return percent;
    if (!fit.gpus_needed)
        return fit.fraction < moreSaysNothing ? VerdictText::tr("%1 · too small").arg(percent)
                                              : VerdictText::tr("%1 far too small").arg(mark);
    return VerdictText::tr("%1 · needs %2").arg(percent, utf8(grouped(*fit.gpus_needed)));
}

QString verdictShortest(const Fit& fit)
{
    const QString percent = verdictMark(fit.verdict) % u' ' % utf8(percent_text(fit.decisive().fraction));
    const QString whole = verdictShort(fit);
    return whole.startsWith(percent) ? percent : whole; // else it is words alone
}

QString basisText(const Term& term, ByteUnit unit)
{
    QString basis = coreText(basis_name(term.basis));
    if (term.low == term.high)
        return basis;
    const auto [low, high] = inOneUnit(term.low, term.high, unit);
    return VerdictText::tr("%1, %2 to %3").arg(basis, low, high);
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
