#include "ui/charts/moments_layout.h"

#include "core/report/training_report.h"
#include "ui/charts/scale.h"
#include "ui/theme/focus_ring.h"
#include "ui/theme/text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

/// Terms of a moment with what lies outside the allocator.
std::vector<Term> termsOf(const TrainingMemory& memory, const Moment& moment)
{
    std::vector<Term> terms = moment.terms;
    terms.push_back(memory.overhead);
    return terms;
}

Bytes totalOf(const TrainingMemory& memory, const Moment& moment)
{
    return {moment.total.count + memory.overhead.bytes.count};
}

class MomentsBuilder
{
public:
    MomentsBuilder(const Estimate& estimate, ByteUnit unit, const QRectF& rect, const Typography& type)
        : estimate_(estimate), memory_(*estimate.training), unit_(unit), rect_(rect), type_(type),
          line_(QFontMetricsF(type.body).height()), gap_(line_ / 2)
    {
    }

    MomentsLayout build()
    {
        placePlot();
        // In the order of time: loading comes first, wherever the report has it.
        for (const bool loads : {true, false})
            for (const Moment& moment : memory_.stage().moments)
                if ((moment.id == "load") == loads)
                    addBar(moment);
        addAxis();
        addLegend();
        layout_.name = MomentsLayout::tr("Moments of a training step, %1").arg(coreText(peak_phrase(memory_)));
        return std::move(layout_);
    }

    qreal bottom() const { return bottom_; }

private:
    bool isPeak(const Moment& moment) const { return &moment == &memory_.peak(); }
    const QFont& wordsOf(const Moment& moment) const { return isPeak(moment) ? type_.strong : type_.body; }
    const QFont& numbersOf(const Moment& moment) const { return isPeak(moment) ? type_.strongNumber : type_.number; }

    QString valueOf(const Moment& moment) const
    {
        const QString bytes = utf8(in_unit(totalOf(memory_, moment), unit_, 1));
        return isPeak(moment) ? MomentsLayout::tr("%1 peak").arg(bytes) : bytes;
    }

    /// Names at the left, figures behind the bars; the scale ends at the capacity or at the peak, whichever is more.
    void placePlot()
    {
        qreal names = 0;
        qreal figures = 0;
        double most = static_cast<double>(estimate_.fit.capacity.count);
        for (const Moment& moment : memory_.stage().moments) {
            names = std::max(names, textSize(coreText(moment.label), type_.strong).width());
            figures = std::max(figures, textSize(valueOf(moment), type_.strongNumber).width());
            most = std::max(most, static_cast<double>(totalOf(memory_, moment).count));
        }
        above_ = names > rect_.width() / 3;
        const qreal left = above_ ? rect_.left() : rect_.left() + names + gap_;
        const bool fills = static_cast<double>(memory_.peak().total.count) > most / 2;
        const qreal right = rect_.right() - (fills ? figures + gap_ : gap_);
        const qreal rows = static_cast<qreal>(memory_.stage().moments.size()) * rowHeight();
        layout_.plot = QRectF(left, rect_.top(), std::max(1.0, right - left), rows);
        scale_ = LinearScale{0, std::max(most, 1.0), layout_.plot.left(), layout_.plot.right()};
        layout_.capacityX = scale_.map(static_cast<double>(estimate_.fit.capacity.count));
        layout_.exceeds = estimate_.fit.verdict == Verdict::exceeds;
    }

    /// Names stand before their bars, or above them where they would leave bars no room.
    qreal rowHeight() const { return (above_ ? 3.2 : 2) * line_; }

    void addBar(const Moment& moment)
    {
        const qreal top = layout_.plot.top() + static_cast<qreal>(layout_.bars.size()) * rowHeight();
        const qreal barTop = top + line_ * (above_ ? 1.4 : 0.3);
        const qreal height = line_ * 1.4;
        MomentBar bar;
        bar.peak = isPeak(moment);
        bar.rect = QRectF(rect_.left(), top, rect_.width(), rowHeight());
        QStringList lines;
        std::int64_t sum = 0;
        std::size_t index = 0;
        for (const Term& term : termsOf(memory_, moment)) {
            const std::size_t series = seriesOf(term.id, index++);
            if (term.bytes.count <= 0)
                continue;
            const qreal from = scale_.map(static_cast<double>(sum));
            sum += term.bytes.count;
            bar.segments.push_back({series, QRectF(from, barTop, scale_.map(static_cast<double>(sum)) - from, height)});
            lines << coreText(term.label) % u": "_s % inBothUnits(term.bytes, unit_);
            remember(series, coreText(term.label));
        }
        const QString label = coreText(moment.label);
        const QFont& words = wordsOf(moment);
        const qreal room = above_ ? rect_.width() : layout_.plot.left() - gap_ - rect_.left();
        const QString fitted = QFontMetricsF(words).elidedText(label, Qt::ElideRight, room + 1);
        const QSizeF size = textSize(fitted, words);
        bar.label =
            above_ ? textAt(fitted, words, {rect_.left(), top + line_ * 0.2})
                   : textAt(fitted, words, {rect_.left() + room - size.width(), barTop + (height - size.height()) / 2});
        const QString value = valueOf(moment);
        const QSizeF valueSize = textSize(value, numbersOf(moment));
        const qreal end = scale_.map(static_cast<double>(sum));
        qreal left = end + gap_ / 2;
        // Never through the capacity's line.
        if (layout_.capacityX > left - gap_ / 2 && layout_.capacityX < left + valueSize.width() + gap_ / 2 &&
            layout_.capacityX + gap_ / 2 + valueSize.width() <= rect_.right())
            left = layout_.capacityX + gap_ / 2;
        bar.value = textAt(value, numbersOf(moment), {left, barTop + (height - valueSize.height()) / 2});
        bar.name = label % u", "_s % utf8(in_unit(totalOf(memory_, moment), unit_));
        if (bar.peak)
            bar.name = bar.name % u", "_s % MomentsLayout::tr("peak");
        lines.prepend(label % u": "_s % inBothUnits(totalOf(memory_, moment), unit_));
        lines << coreText(moment.why);
        bar.toolTip = lines.join(u'\n');
        layout_.bars.push_back(std::move(bar));
    }

    void remember(std::size_t series, const QString& label)
    {
        const bool known = std::any_of(layout_.legend.begin(), layout_.legend.end(),
                                       [&](const MomentLegend& entry) { return entry.series == series; });
        if (!known)
            layout_.legend.push_back({series, {}, {label, {}}});
    }

    void addAxis()
    {
        const double size = bytesPer(unit_);
        const qreal top = layout_.plot.bottom() + gap_ / 2;
        const QFont& font = type_.smallNumber;
        const auto centred = [&](const QString& text, qreal x) {
            const qreal width = textSize(text, font).width();
            return textAt(text, font, {std::clamp(x - width / 2, rect_.left(), rect_.right() - width), top});
        };
        layout_.capacity = centred(utf8(in_unit(estimate_.fit.capacity, unit_, 1)), layout_.capacityX);
        const LinearScale inUnits{0, scale_.high / size, scale_.from, scale_.to};
        const int atMost =
            std::clamp(static_cast<int>(layout_.plot.width() / (textSize(u"0,000"_s, font).width() * 3)), 2, 6);
        for (const double value :
             inUnits.ticks(atMost, unit_ == ByteUnit::gib ? TickBase::binary : TickBase::decimal)) {
            ChartTick tick{value, inUnits.map(value), {}};
            ChartText label = centred(utf8(formula_number(value)), tick.position);
            if (!label.rect.adjusted(-gap_, 0, gap_, 0).intersects(layout_.capacity.rect))
                tick.label = std::move(label);
            layout_.ticks.push_back(std::move(tick));
        }
        bottom_ = layout_.capacity.rect.bottom() + gap_;
    }

    void addLegend()
    {
        qreal x = layout_.plot.left();
        const qreal swatch = line_ * 0.6;
        for (MomentLegend& entry : layout_.legend) {
            const QSizeF size = textSize(entry.label.text, type_.small);
            if (x > layout_.plot.left() && x + swatch + gap_ / 2 + size.width() > rect_.right()) {
                x = layout_.plot.left();
                bottom_ += size.height() + gap_ / 2;
            }
            entry.swatch = QRectF(x, bottom_ + (size.height() - swatch) / 2, swatch, swatch);
            entry.label = textAt(entry.label.text, type_.small, {x + swatch + gap_ / 2, bottom_});
            x = entry.label.rect.right() + 2 * gap_;
        }
        bottom_ += line_;
    }

    const Estimate& estimate_;
    const TrainingMemory& memory_;
    ByteUnit unit_;
    QRectF rect_;
    const Typography& type_;
    qreal line_;
    qreal gap_;
    bool above_ = false;
    LinearScale scale_;
    qreal bottom_ = 0;
    MomentsLayout layout_;
};

} // namespace

MomentsLayout MomentsLayout::of(const Estimate& estimate, ByteUnit unit, const QRectF& rect, const Typography& type)
{
    return estimate.training ? MomentsBuilder(estimate, unit, rect, type).build() : MomentsLayout();
}

qreal MomentsLayout::heightFor(const Estimate& estimate, qreal width, const Typography& type)
{
    if (!estimate.training)
        return 0;
    MomentsBuilder builder(estimate, ByteUnit::gib, QRectF(0, 0, width, 1), type);
    builder.build();
    return std::ceil(builder.bottom());
}

std::optional<std::size_t> MomentsLayout::barAt(QPointF point) const
{
    for (std::size_t i = 0; i < bars.size(); ++i)
        if (bars[i].rect.contains(point))
            return i;
    return std::nullopt;
}

void MomentsLayout::paint(QPainter& painter, const Theme& theme, const Typography& type,
                          std::optional<std::size_t> current) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (const MomentBar& bar : bars) {
        for (std::size_t i = 0; i < bar.segments.size(); ++i) {
            const MomentSegment& segment = bar.segments[i];
            painter.fillRect(segment.rect, theme.seriesColor(segment.series));
            if (i > 0 && segment.rect.width() > 1.5)
                painter.fillRect(QRectF(segment.rect.left() - 0.5, segment.rect.top(), 1, segment.rect.height()),
                                 theme.surface);
        }
        drawText(painter, bar.label, bar.peak ? type.strong : type.body, theme.text);
        drawText(painter, bar.value, bar.peak ? type.strongNumber : type.number, theme.text);
    }
    const QColor ink = exceeds ? theme.exceeds.text : theme.mutedText;
    painter.setPen(QPen(ink, 1.5, Qt::DashLine));
    painter.drawLine(QPointF(capacityX, plot.top()), QPointF(capacityX, plot.bottom()));
    drawLabels(painter, ticks, type.smallNumber, theme.mutedText);
    drawText(painter, capacity, type.smallNumber, ink);
    for (const MomentLegend& entry : legend) {
        painter.fillRect(entry.swatch, theme.seriesColor(entry.series));
        drawText(painter, entry.label, type.small, theme.mutedText);
    }
    if (current && *current < bars.size())
        paintFocusRing(painter, bars[*current].rect, theme.accent, theme.surface);
}

} // namespace weighbridge
