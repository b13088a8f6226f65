#include "ui/accuracy/accuracy_words.h"

#include "core/accuracy/left_out_groups.h"
#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "ui/theme/text.h"

#include <QCoreApplication>
#include <QStringList>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Accuracy", text);
}

QString count(std::size_t number)
{
    return utf8(grouped(static_cast<std::int64_t>(number)));
}

QString withUnit(const AccuracyFigure& figure, double value)
{
    return utf8(figure_value_with_unit(figure, value));
}

} // namespace

QString barVerdict(const FigureAccuracy& figure)
{
    return coreText(verdict_text(figure));
}

QString barWords(const FigureAccuracy& figure)
{
    return coreText(bar_text(*figure.figure));
}

QString figureSentence(const FigureAccuracy& figure)
{
    const ErrorSummary& summary = figure.summary;
    if (summary.count == 0)
        return tr("No run is held against the bar.");
    const QString runs = figure.figure->bar.kind == BarKind::printed
                             ? tr("%1 of %2 runs are equal to the printed digit.")
                             : tr("%1 of %2 runs are as near as the bar asks.");
    return runs.arg(count(summary.within), count(summary.count)) % u' ' %
           tr("The bar, %1, is %2.").arg(barWords(figure), barVerdict(figure));
}

QString figureDetails(const FigureAccuracy& figure)
{
    const ErrorSummary& summary = figure.summary;
    QStringList sentences;
    if (summary.count > 0)
        sentences << tr("Half are within %1, nine of ten within %2, the farthest is off by %3.")
                         .arg(utf8(error_size_text(*figure.figure, summary.median)),
                              utf8(error_size_text(*figure.figure, summary.nine_of_ten)),
                              utf8(error_size_text(*figure.figure, summary.largest)));
    if (summary.ranged > 0)
        sentences << tr("The range given with the figure holds %1 of %2 measured values; it is meant to hold 9 of 10.")
                         .arg(count(summary.held), count(summary.ranged));
    if (summary.aside > 0)
        sentences << tr("%1 runs are shown, but not held against the bar.").arg(count(summary.aside));
    return sentences.join(u' ');
}

QString leftOutSentence(const SetAccuracy& set, const FigureAccuracy& figure)
{
    QStringList parts;
    for (const SetAside& group : set_aside(set, figure)) {
        if (group.shown)
            continue;
        const QString which = group.runs.size() == 1 ? utf8(group.runs.front()) : tr("%1 runs").arg(group.runs.size());
        parts << which % u": "_s % coreText(group.reason);
    }
    for (const LeftOut& run : set.left_out)
        parts << utf8(run.run) % u": "_s % coreText(run.reason);
    return parts.isEmpty() ? QString() : tr("Left out: %1.").arg(parts.join(u"; "_s));
}

QString setupText(const MeasuredRun& run)
{
    const QString version = utf8(run.version);
    const QString setup = utf8(run.setup);
    const bool both = !version.isEmpty() && !setup.isEmpty();
    return version % (both ? u" · "_s : QString()) % setup;
}

QString markWord(const AccuracyPoint& point)
{
    if (!point.counts())
        return tr("aside");
    return point.within ? tr("within") : tr("beyond");
}

QString runDetails(const SetAccuracy& set, const FigureAccuracy& figure, std::size_t point)
{
    const AccuracyPoint& shown = figure.points.at(point);
    const MeasuredRun& run = set.runs.at(shown.run);
    const Comparison& comparison = shown.comparison;
    QStringList lines;
    lines << utf8(run.id) % u" · "_s % utf8(run.model);
    if (const QString setup = setupText(run); !setup.isEmpty())
        lines << setup;
    QString figures =
        tr("Predicted %1, measured %2 (%3).")
            .arg(withUnit(*figure.figure, comparison.predicted), withUnit(*figure.figure, comparison.measured),
                 utf8(signed_error_text(*figure.figure, shown.error)));
    if (comparison.low && comparison.high)
        figures +=
            u' ' % tr("Range %1 to %2.")
                       .arg(withUnit(*figure.figure, *comparison.low), withUnit(*figure.figure, *comparison.high));
    lines << figures;
    if (!shown.counts())
        lines << tr("Not held against the bar: %1.").arg(coreText(comparison.aside));
    else if (shown.misses())
        lines << (shown.cause.empty() ? tr("Beyond the bar. The cause is not known.")
                                      : tr("Beyond the bar. %1").arg(coreText(shown.cause)));
    lines << tr("Source: %1").arg(utf8(run.source));
    return lines.join(u'\n');
}

} // namespace weighbridge
