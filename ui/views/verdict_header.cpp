#include "ui/views/verdict_header.h"

#include "core/quantity/display.h"
#include "core/report/devices_report.h"
#include "core/report/training_report.h"
#include "ui/theme/ink.h"
#include "ui/theme/readable.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/theme/verdict_text.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/selectable_label.h"

#include <QEvent>
#include <QLabel>
#include <QStyle>

namespace weighbridge {

using namespace Qt::StringLiterals;

VerdictHeader::VerdictHeader(QWidget* parent)
    : QWidget(parent), total_(new SelectableLabel(this)), context_(new SelectableLabel(this)), pill_(new Pill(this))
{
    setObjectName(u"verdictHeader"_s);
    total_->setObjectName(u"verdictTotal"_s);
    context_->setObjectName(u"verdictContext"_s);
    pill_->setObjectName(u"verdictPill"_s);
    context_->setWordWrap(true);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    style();
}

QString VerdictHeader::contextText() const
{
    const Estimate& estimate = *state_.estimate;
    const Fit& fit = estimate.fit;
    QString text = fit.usable == fit.capacity ? tr("per GPU, of %1 on %2") : tr("per GPU, of %1 usable on %2");
    if (estimate.training)
        text = coreText(peak_phrase(*estimate.training)) % u", "_s % text;
    text = text.arg(utf8(in_unit(fit.usable, state_.unit, 1)), gpusText(estimate));
    const QString range = rangeText(estimate.low, estimate.high, state_.unit, 1);
    if (!range.isEmpty())
        text = text % u" · "_s % tr("expect %1").arg(range);
    if (const std::string fullest = decided_by_text(estimate); !fullest.empty())
        text = text % u" · "_s % tr("fullest: %1").arg(utf8(fullest));
    // Why, where the figures beside it don't say it.
    if (fit.refusal)
        text = text % u" · "_s % coreText(fit.refusal->text);
    else if (fit.verdict == Verdict::tight && fit.high > fit.usable)
        text = text % u" · "_s % tr("the upper end does not fit");
    if (state_.stale)
        text = text % u" · "_s % tr("last valid result");
    return text;
}

void VerdictHeader::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale || !state_.estimate ||
                         (state.estimate && state.estimate->fit.verdict != state_.estimate->fit.verdict);
    state_ = state;
    if (!state_.estimate)
        return;
    total_->setText(utf8(in_unit(state_.estimate->total, state_.unit, 1)));
    total_->setToolTip(inBothUnits(state_.estimate->total, state_.unit));
    context_->setText(contextText());
    known_.reset();
    const Fit decisive = state_.estimate->decisive_fit();
    const QString verdict = verdictSentence(decisive, state_.unit);
    const QString mark = verdictMark(state_.estimate->fit.verdict);
    QStringList parts = verdict.split(u" · "_s);
    pillTexts_.clear();
    for (; !parts.isEmpty(); parts.removeLast())
        pillTexts_ << QString(mark % u' ' % parts.join(u" · "_s));
    pillTexts_ << QString(mark % u' ' % verdictWord(state_.estimate->fit.verdict));
    pill_->setPillText(pillTexts_.first());
    pill_->setAccessibleName(verdict);
    const QString reason = verdictReason(decisive, state_.unit);
    pill_->setToolTip(reason);
    pill_->setAccessibleDescription(reason);
    if (restyle)
        style();
    updateGeometry();
    place();
}

void VerdictHeader::style()
{
    known_.reset();
    const Typography type = Typography::from(font());
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    total_->setFont(type.headline);
    context_->setFont(type.number);
    pill_->setFont(type.strongNumber);
    setTextColor(total_, theme.text);
    setTextColor(context_, theme.mutedText);
    const VerdictColors& colors = theme.verdict(state_.estimate ? state_.estimate->fit.verdict : Verdict::fits);
    pill_->setColors(colors.text, colors.tint);
}

const VerdictHeader::Places& VerdictHeader::placesFor(int width) const
{
    if (!known_ || knownWidth_ != width) {
        known_ = measuredFor(width);
        knownWidth_ = width;
    }
    return *known_;
}

VerdictHeader::Places VerdictHeader::measuredFor(int width) const
{
    const Spacing space = Spacing::from(font());
    const QSize total = total_->sizeHint();
    QString pillText;
    for (const QString& text : pillTexts_) {
        pillText = text;
        if (pill_->widthOf(text) <= width)
            break;
    }
    const QSize pill(std::min(pill_->widthOf(pillText), width), pill_->sizeHint().height());
    const QFontMetrics big(total_->font());
    const QFontMetrics small(context_->font());
    const int baseline = big.ascent();
    const int wanted = small.horizontalAdvance(context_->text()) + 2;
    const int contextLeft = total.width() + space.m + space.xs;

    Places places;
    places.pillText = pillText;
    places.total = QRect(0, 0, std::min(total.width(), width), big.height());
    const bool pillBeside = total.width() + space.l + pill.width() <= width;
    const int pillTop = baseline - small.ascent() - (pill.height() - small.height()) / 2;
    places.pill = QRect(pillBeside ? width - pill.width() : 0, pillBeside ? pillTop : big.height() + space.s,
                        pill.width(), pill.height());
    if (contextLeft + wanted + space.l + pill.width() <= width) {
        places.context = QRect(contextLeft, baseline - small.ascent(), wanted, small.height());
        places.height = big.height();
        return places;
    }
    const int below = pillBeside ? big.height() + space.xs : places.pill.bottom() + 1 + space.s;
    places.context = QRect(0, below, width, context_->heightForWidth(width));
    places.height = places.context.bottom() + 1;
    return places;
}

void VerdictHeader::place()
{
    const Places& places = placesFor(width());
    const auto put = [this](QWidget* widget, const QRect& rect) {
        widget->setGeometry(QStyle::visualRect(layoutDirection(), this->rect(), rect));
    };
    put(total_, places.total);
    put(context_, places.context);
    pill_->setPillText(places.pillText);
    put(pill_, places.pill);
}

int VerdictHeader::heightForWidth(int width) const
{
    return placesFor(width).height;
}

QSize VerdictHeader::sizeHint() const
{
    const int width = 50 * Spacing::from(font()).l;
    return {width, measuredFor(width).height};
}

QSize VerdictHeader::minimumSizeHint() const
{
    return {std::max(total_->sizeHint().width(), 10 * Spacing::from(font()).l), total_->sizeHint().height()};
}

void VerdictHeader::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place();
}

void VerdictHeader::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        style();
        updateGeometry();
        place();
    }
}

} // namespace weighbridge
