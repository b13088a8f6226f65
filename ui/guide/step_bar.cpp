#include "ui/guide/step_bar.h"

#include "ui/guide/guide_steps.h"

#include <QPainter>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

StepBar::StepBar(QWidget* parent) : PartsWidget(parent)
{
    setObjectName(u"guide.steps"_s);
    setAccessibleName(tr("Steps"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StepBar::setStep(std::size_t step)
{
    if (step >= steps)
        return;
    setCurrentPart(step);
    if (step == step_)
        return;
    step_ = step;
    partsChanged();
}

void StepBar::setSummary(std::size_t step, const QString& summary)
{
    if (summaries_.at(step) == summary)
        return;
    summaries_.at(step) = summary;
    partsChanged();
}

QString StepBar::partName(std::size_t part) const
{
    const QString title = tr("Step %1 of %2, %3").arg(part + 1).arg(steps).arg(stepTitle(guideSteps.at(part)));
    const QString& said = summaries_.at(part);
    return said.isEmpty() ? title : QString(title % u": "_s % said);
}

QString StepBar::partToolTip(std::size_t part) const
{
    const QString& said = summaries_.at(part);
    return said.isEmpty() ? stepQuestion(guideSteps.at(part)) : said;
}

QRectF StepBar::partRect(std::size_t part) const
{
    const qreal each = static_cast<qreal>(width()) / static_cast<qreal>(steps);
    const std::size_t place = isRightToLeft() ? steps - 1 - part : part;
    return {each * static_cast<qreal>(place), 0, each, static_cast<qreal>(height())};
}

void StepBar::activatePart(std::size_t part)
{
    Q_EMIT stepChosen(part);
}

QSize StepBar::sizeHint() const
{
    const QFontMetrics title(typography().strong);
    const QFontMetrics said(typography().small);
    return {static_cast<int>(steps) * 14 * title.averageCharWidth(), title.height() + said.height() + 3 * spacing().m};
}

QSize StepBar::minimumSizeHint() const
{
    const QFontMetrics title(typography().strong);
    int widest = 0;
    for (const DecisionStep step : guideSteps)
        widest = std::max(widest, title.horizontalAdvance(stepTitle(step)));
    return {static_cast<int>(steps) * (widest + 2 * title.height() + 2 * spacing().m), sizeHint().height()};
}

void StepBar::paintMark(QPainter& painter, const QRectF& circle, std::size_t part) const
{
    const Theme& colors = theme();
    const bool current = part == step_;
    painter.setPen(QPen(current ? colors.accent : colors.mutedText, 1));
    painter.setBrush(current ? QBrush(colors.accent) : QBrush(Qt::NoBrush));
    painter.drawEllipse(circle);
    painter.setFont(typography().strongNumber);
    painter.setPen(current ? colors.onAccent : colors.mutedText);
    painter.drawText(circle, Qt::AlignCenter, QString::number(part + 1));
}

void StepBar::paintPart(QPainter& painter, std::size_t part) const
{
    const Theme& colors = theme();
    const QRectF place = partRect(part).adjusted(spacing().l, 0, -spacing().m, 0);
    const QFontMetricsF title(typography().strong);
    const QFontMetricsF said(typography().small);
    const qreal side = title.height() * 1.4;
    const qreal textHeight = title.height() + said.height();
    const qreal top = (static_cast<qreal>(height()) - textHeight) / 2;
    const bool mirrored = isRightToLeft();
    const QRectF circle(mirrored ? place.right() - side : place.left(), (static_cast<qreal>(height()) - side) / 2, side,
                        side);
    paintMark(painter, circle, part);
    const qreal shift = side + spacing().m;
    const QRectF text = mirrored ? place.adjusted(0, 0, -shift, 0) : place.adjusted(shift, 0, 0, 0);
    const Qt::Alignment alignment = Qt::AlignVCenter | (mirrored ? Qt::AlignRight : Qt::AlignLeft);
    painter.setFont(part == step_ ? typography().strong : typography().body);
    painter.setPen(colors.text);
    painter.drawText(QRectF(text.left(), top, text.width(), title.height()), static_cast<int>(alignment),
                     stepTitle(guideSteps.at(part)));
    painter.setFont(typography().small);
    painter.setPen(colors.mutedText);
    painter.drawText(QRectF(text.left(), top + title.height(), text.width(), said.height()),
                     static_cast<int>(alignment), said.elidedText(summaries_.at(part), Qt::ElideRight, text.width()));
}

void StepBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& colors = theme();
    painter.fillRect(rect(), colors.card);
    painter.fillRect(QRectF(0, height() - 1, width(), 1), colors.border);
    for (std::size_t part = 0; part < steps; ++part)
        paintPart(painter, part);
    const QRectF current = partRect(step_);
    painter.fillRect(QRectF(current.left(), height() - 3, current.width(), 3), colors.accent);
    if (const auto focused = focusedPart())
        paintFocus(painter, partRect(*focused).adjusted(3, 3, -3, -5));
}

} // namespace weighbridge
