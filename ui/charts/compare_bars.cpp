#include "ui/charts/compare_bars.h"

#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

qreal barRowHeight(const Typography& type)
{
    return QFontMetricsF(type.body).height() * 2.7;
}

} // namespace

CompareBars::CompareBars(QWidget* parent) : PartsWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void CompareBars::display(std::vector<CompareBar> bars, ByteUnit unit, bool stale)
{
    bars_ = std::move(bars);
    unit_ = unit;
    setStale(stale);
    setAccessibleName(tr("%1 setups on one scale").arg(bars_.size()));
    updateGeometry();
    partsChanged();
}

QString CompareBars::totalText(const CompareBar& bar) const
{
    const Fit fit = bar.estimate->decisive_fit();
    return tr("%1 of %2 · %3 %4")
        .arg(utf8(in_unit(bar.estimate->total, unit_, 1)), utf8(in_unit(fit.usable, unit_, 1)),
             verdictMark(fit.verdict), verdictWord(fit.verdict));
}

QString CompareBars::partName(std::size_t part) const
{
    const CompareBar& bar = bars_.at(part);
    return bar.letter % u": "_s % bar.text % u", "_s % totalText(bar);
}

QRectF CompareBars::partRect(std::size_t part) const
{
    const qreal height = barRowHeight(typography());
    return {0, static_cast<qreal>(part) * height, static_cast<qreal>(width()), height};
}

std::optional<std::size_t> CompareBars::neighbour(std::size_t from, int key) const
{
    if (key == Qt::Key_Down)
        return from + 1 < partCount() ? std::optional(from + 1) : std::nullopt;
    if (key == Qt::Key_Up)
        return from > 0 ? std::optional(from - 1) : std::nullopt;
    return PartsWidget::neighbour(from, key);
}

QSize CompareBars::sizeHint() const
{
    return {40 * spacing().l, static_cast<int>(barRowHeight(typography()) * static_cast<qreal>(bars_.size())) + 1};
}

QSize CompareBars::minimumSizeHint() const
{
    return {10 * spacing().l, sizeHint().height()};
}

void CompareBars::paintBar(QPainter& painter, const CompareBar& bar, const QRectF& row, double scale) const
{
    const Typography& type = typography();
    const QFontMetricsF body(type.body);
    const QFontMetricsF strong(type.strong);
    const QString total = totalText(bar);
    const qreal totalWidth = QFontMetricsF(type.number).horizontalAdvance(total);
    const qreal base = row.top() + body.ascent() + 2;
    painter.setFont(type.strong);
    painter.setPen(theme().text);
    painter.drawText(QPointF(row.left() + 4, base), bar.letter);
    const qreal left = row.left() + 4 + strong.horizontalAdvance(u"M"_s) + spacing().m;
    painter.setFont(type.body);
    painter.drawText(QPointF(left, base),
                     body.elidedText(bar.text, Qt::ElideMiddle, row.right() - left - totalWidth - 2 * spacing().l));
    painter.setFont(type.number);
    painter.setPen(theme().verdict(bar.estimate->decisive_fit().verdict).text);
    painter.drawText(QPointF(row.right() - 4 - totalWidth, base), total);
    const QRectF track(left, row.top() + body.height() * 1.3, row.right() - 4 - left, body.height() * 0.9);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().track);
    painter.drawRoundedRect(track, 3, 3);
    qreal at = track.left();
    std::size_t later = 0;
    for (const Term& term : bar.estimate->terms) {
        const qreal width = static_cast<qreal>(term.bytes.count) / scale * track.width();
        painter.setBrush(theme().seriesColor(seriesOf(term.id, later++)));
        painter.drawRect(QRectF(at, track.top(), width, track.height()));
        at += width;
    }
    const qreal limit = static_cast<qreal>(bar.estimate->decisive_fit().usable.count) / scale * track.width();
    if (limit > track.width() + 0.5)
        return;
    painter.setBrush(theme().surface);
    painter.drawRect(QRectF(track.left() + limit - 2.5, track.top() - 3, 5, track.height() + 6));
    painter.setBrush(theme().text);
    painter.drawRect(QRectF(track.left() + limit - 1, track.top() - 3, 2, track.height() + 6));
}

void CompareBars::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    double scale = 1;
    for (const CompareBar& bar : bars_)
        scale = std::max({scale, static_cast<double>(bar.estimate->total.count),
                          static_cast<double>(bar.estimate->decisive_fit().usable.count)});
    for (std::size_t i = 0; i < bars_.size(); ++i)
        paintBar(painter, bars_[i], partRect(i), scale);
    if (const auto part = focusedPart())
        paintFocus(painter, partRect(*part).adjusted(1, 1, -1, -3));
}

} // namespace weighbridge
