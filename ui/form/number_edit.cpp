#include "ui/form/number_edit.h"

#include "core/fields/fields.h"
#include "core/quantity/display.h"
#include "ui/session/text.h"

#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr std::int64_t groupedFrom = 1'000; // as every text has it
constexpr std::int64_t largestStep = std::int64_t{1} << 40;

std::int64_t steppedCount(std::int64_t value, FieldStep step, bool up)
{
    switch (step) {
    case FieldStep::doubling:
        return up ? std::max<std::int64_t>(1, value * 2) : std::max<std::int64_t>(1, value / 2);
    case FieldStep::by128:
        return up ? (value / 128 + 1) * 128 : std::max<std::int64_t>(1, (value - 1) / 128 * 128);
    case FieldStep::one:
    case FieldStep::tenth:
        break;
    }
    return up ? value + 1 : std::max<std::int64_t>(0, value - 1);
}

} // namespace

NumberEdit::NumberEdit(FieldKind kind, FieldStep step, QWidget* parent) : LineEdit(parent), kind_(kind), step_(step)
{
    setInputMethodHints(Qt::ImhPreferNumbers);
}

void NumberEdit::showValue(const QString& text)
{
    if (hasFocus() && meansTheSame(text))
        return;
    showText(hasFocus() ? text : shownText(text));
}

QString NumberEdit::shownText(const QString& text) const
{
    if (kind_ != FieldKind::count)
        return text;
    const auto value = parse_count(fromQt(text), unit_);
    return value && *value >= groupedFrom ? toQt(grouped(*value)) : value ? QString::number(*value) : text;
}

bool NumberEdit::meansTheSame(const QString& shown) const
{
    if (text() == shown)
        return true;
    if (text().trimmed().isEmpty() || shown.isEmpty())
        return false;
    if (kind_ == FieldKind::count) {
        const auto mine = parse_count(fromQt(text()), unit_);
        const auto other = parse_count(fromQt(shown), unit_);
        return mine && other && *mine == *other;
    }
    const auto mine = parse_real(fromQt(text()));
    const auto other = parse_real(fromQt(shown));
    // "92" in a field of per cents is 0.92.
    return mine && other && (std::abs(*mine - *other) < 1e-9 || (*mine > 1 && std::abs(*mine / 100 - *other) < 1e-9));
}

QString NumberEdit::stepped(bool up) const
{
    const QString from = text().trimmed().isEmpty() ? placeholderText() : text();
    if (kind_ == FieldKind::count) {
        const auto value = parse_count(fromQt(from), unit_);
        if (!value || *value > largestStep)
            return {};
        return QString::number(steppedCount(*value, step_, up));
    }
    const bool percent = from.contains(u'%');
    QString digits = from;
    bool isNumber = false;
    const double value = digits.remove(u'%').trimmed().toDouble(&isNumber);
    if (!isNumber)
        return {};
    const double by = percent || value > 10 ? 1 : 0.1;
    const QString next = QString::number(std::max(0.0, value + (up ? by : -by)), 'g', 8);
    return percent ? next + " %"_L1 : next;
}

void NumberEdit::keyPressEvent(QKeyEvent* event)
{
    const bool up = event->key() == Qt::Key_Up;
    if ((!up && event->key() != Qt::Key_Down) || (event->modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier) {
        LineEdit::keyPressEvent(event);
        return;
    }
    const QString next = stepped(up);
    if (next.isEmpty())
        return;
    setText(next);
    Q_EMIT edited(next);
}

void NumberEdit::focusOutEvent(QFocusEvent* event)
{
    LineEdit::focusOutEvent(event);
    showText(shownText(text()));
}

} // namespace weighbridge
