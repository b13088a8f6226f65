#include "ui/export/picture_layout.h"

#include "core/report/training_report.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"

#include <QFontMetricsF>
#include <QGuiApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

constexpr qreal pictureWidth = 960;
constexpr qreal pictureMargin = 32;
constexpr qreal gap = 12;

/// Tops of the texts follow one another; this keeps the next free one.
class PictureBuilder
{
public:
    PictureBuilder(const Estimate& estimate, ByteUnit unit, const Typography& type)
        : estimate_(estimate), unit_(unit), type_(type)
    {
    }

    PictureLayout build()
    {
        addHeadline();
        const qreal height = StackedBarLayout::heightFor(type_);
        layout_.bar = StackedBarLayout::of(estimate_, unit_, {pictureMargin, top_, inner(), height}, type_);
        top_ += height + 2 * gap;
        addRows();
        if (estimate_.training)
            addMoments(*estimate_.training);
        layout_.size = {pictureWidth, std::ceil(top_ + pictureMargin - gap)};
        return std::move(layout_);
    }

private:
    qreal inner() const { return pictureWidth - 2 * pictureMargin; }

    QString fitted(const QString& text, const QFont& font, qreal width) const
    {
        return QFontMetricsF(font).elidedText(text, Qt::ElideMiddle, width);
    }

    void addHeadline()
    {
        QString what = utf8(estimate_.model->name) % u" · "_s % utf8(estimate_.accelerator.card_name());
        if (estimate_.gpus > 1)
            what = what % u" × "_s % utf8(grouped(estimate_.gpus));
        layout_.title = textAt(fitted(what, type_.strong, inner()), type_.strong, {pictureMargin, top_});
        top_ = layout_.title.rect.bottom() + gap / 2;

        layout_.total = textAt(utf8(in_unit(estimate_.total, unit_, 1)), type_.headline, {pictureMargin, top_});
        const qreal baseline = top_ + QFontMetricsF(type_.headline).ascent();
        layout_.verdictKind = estimate_.fit.verdict;
        const QString verdict = verdictSentence(estimate_.decisive_fit(), unit_);
        const QSizeF pillSize = textSize(verdict, type_.strongNumber) + QSizeF(2 * gap, gap / 2);
        const qreal numberAscent = QFontMetricsF(type_.strongNumber).ascent();
        layout_.pill = {QPointF(pictureWidth - pictureMargin - pillSize.width(), baseline - numberAscent - gap / 4),
                        pillSize};
        layout_.verdict = textAt(verdict, type_.strongNumber, layout_.pill.topLeft() + QPointF(gap, gap / 4));

        QString context = PictureLayout::tr("per GPU, of %1").arg(utf8(in_unit(estimate_.fit.capacity, unit_, 1)));
        const QString range = rangeText(estimate_.low, estimate_.high, unit_, 1);
        if (!range.isEmpty())
            context = context % u" · "_s % PictureLayout::tr("expect %1").arg(range);
        const qreal left = layout_.total.rect.right() + gap;
        const qreal room = layout_.pill.left() - gap - left;
        if (room > 0)
            layout_.context = textAt(fitted(context, type_.number, room), type_.number,
                                     {left, baseline - QFontMetricsF(type_.number).ascent()});
        top_ = layout_.total.rect.bottom() + gap;
    }

    void addRows()
    {
        std::size_t index = 0;
        for (const Term& term : estimate_.terms) {
            const std::size_t series = seriesOf(term.id, index++);
            addRow(coreText(term.label), term.bytes, utf8(term.formula.symbols), series, false);
        }
        addRow(PictureLayout::tr("Total"), estimate_.total, {}, 0, true);
    }

    void addRow(const QString& label, Bytes bytes, const QString& formula, std::size_t series, bool total)
    {
        const QFont& numbers = total ? type_.strongNumber : type_.number;
        const QFont& words = total ? type_.strong : type_.body;
        const qreal line = textSize(label, words).height();
        const qreal labelLeft = pictureMargin + line + gap / 2;
        const qreal valueRight = pictureMargin + 330;
        const qreal shareRight = pictureMargin + 420;
        const qreal formulaLeft = pictureMargin + 450;

        LegendRow row;
        row.total = total;
        row.series = series;
        row.swatch = QRectF(pictureMargin, top_ + line * 0.15, line * 0.7, line * 0.7);
        const qreal left = total ? pictureMargin : labelLeft;
        row.label = textAt(fitted(label, words, 200), words, {left, top_});
        const QString value = utf8(in_unit(bytes, unit_));
        row.value = textAt(value, numbers, {valueRight - textSize(value, numbers).width(), top_});
        const QString share = shareText(bytes, estimate_.total);
        row.share = textAt(share, numbers, {shareRight - textSize(share, numbers).width(), top_});
        const QString symbols = QFontMetricsF(type_.formula)
                                    .elidedText(formula, Qt::ElideRight, pictureWidth - pictureMargin - formulaLeft);
        row.formula = textAt(symbols, type_.formula, {formulaLeft, top_});
        layout_.rows.push_back(std::move(row));
        top_ += line + gap;
        if (!total)
            layout_.rules.emplace_back(pictureMargin, top_ - gap / 2, pictureWidth - pictureMargin, top_ - gap / 2);
    }

    void addMoments(const TrainingMemory& memory)
    {
        constexpr int mostLines = 4;
        MomentsPart& part = layout_.moments.emplace();
        top_ += gap;
        const QString title =
            memory.stages.size() < 2
                ? PictureLayout::tr("Moments of a training step")
                : PictureLayout::tr("Moments of a training step on pipeline stage %1, the fullest of %2")
                      .arg(utf8(grouped(memory.stage().stage)),
                           utf8(grouped(static_cast<std::int64_t>(memory.stages.size()))));
        part.title = textAt(fitted(title, type_.strong, inner()), type_.strong, {pictureMargin, top_});
        top_ = part.title.rect.bottom() + gap;
        const qreal height = MomentsLayout::heightFor(estimate_, inner(), type_);
        part.chart = MomentsLayout::of(estimate_, unit_, {pictureMargin, top_, inner(), height}, type_);
        top_ += height + gap;
        for (const QString& line : wrapped(coreText(peak_line(memory, unit_)), type_.body, inner(), mostLines)) {
            part.sentence.push_back(textAt(line, type_.body, {pictureMargin, top_}));
            top_ = part.sentence.back().rect.bottom();
        }
        top_ += gap;
    }

    const Estimate& estimate_;
    ByteUnit unit_;
    const Typography& type_;
    PictureLayout layout_;
    qreal top_ = pictureMargin;
};

} // namespace

Typography pictureType()
{
    QFont font = QGuiApplication::font();
    font.setPixelSize(14);
    return Typography::from(font);
}

PictureLayout PictureLayout::of(const Estimate& estimate, ByteUnit unit, const Typography& type)
{
    return PictureBuilder(estimate, unit, type).build();
}

void PictureLayout::paint(QPainter& painter, const Theme& theme, const Typography& type) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(QRectF(QPointF(0, 0), size), theme.card);
    drawText(painter, title, type.strong, theme.mutedText);
    drawText(painter, total, type.headline, theme.text);
    drawText(painter, context, type.number, theme.mutedText);
    const VerdictColors& colors = theme.verdict(verdictKind);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.tint);
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
    drawText(painter, verdict, type.strongNumber, colors.text);
    bar.paint(painter, theme, type);
    painter.setPen(QPen(theme.border, 1));
    for (const QLineF& rule : rules)
        painter.drawLine(rule);
    for (const LegendRow& row : rows) {
        if (!row.total) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.seriesColor(row.series));
            painter.drawRoundedRect(row.swatch, 2, 2);
        }
        const QFont& numbers = row.total ? type.strongNumber : type.number;
        drawText(painter, row.label, row.total ? type.strong : type.body, theme.text);
        drawText(painter, row.value, numbers, theme.text);
        drawText(painter, row.share, numbers, theme.text);
        drawText(painter, row.formula, type.formula, theme.mutedText);
    }
    if (!moments)
        return;
    drawText(painter, moments->title, type.strong, theme.text);
    moments->chart.paint(painter, theme, type);
    for (const ChartText& line : moments->sentence)
        drawText(painter, line, type.body, theme.mutedText);
}

} // namespace weighbridge
