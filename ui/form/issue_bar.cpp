#include "ui/form/issue_bar.h"

#include "ui/form/form.h"
#include "ui/session/text.h"
#include "ui/theme/ink.h"

#include <QPainter>
#include <QStyle>
#include <QStyleOptionFocusRect>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr int issueInset = 14;

} // namespace

IssueBar::IssueBar(Session& session, Form& form, QWidget* parent)
    : QAbstractButton(parent), session_(session), form_(form)
{
    setObjectName(u"issues"_s);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(this, &QAbstractButton::clicked, this, &IssueBar::goToNext);
    connect(&session_, &Session::changed, this, &IssueBar::refresh);
    refresh();
}

void IssueBar::refresh()
{
    const auto& issues = session_.issues();
    const auto count = std::count_if(issues.begin(), issues.end(),
                                     [](const Issue& issue) { return issue.severity == Severity::error; });
    errors_ = count > 0;
    next_ = 0;
    setVisible(errors_);
    if (!errors_)
        return;
    const Issue& first = issues.front();
    const QString words = form_.wordsOf(first);
    short_ = count == 1 ? tr("1 problem") : tr("%1 problems").arg(count);
    setText(tr("%1 · the last valid result is shown").arg(short_));
    setToolTip(words);
    setAccessibleName(text());
    setAccessibleDescription(words);
    update();
}

void IssueBar::goToNext()
{
    const auto& issues = session_.issues();
    const int count = static_cast<int>(issues.size());
    for (int tried = 0; tried < count; ++tried) {
        const Issue& issue = issues.at(static_cast<std::size_t>(next_ % count));
        next_ = (next_ + 1) % count;
        if (issue.severity == Severity::error && form_.reveal(toQt(issue.field)))
            return;
    }
}

QSize IssueBar::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(text()) + 2 * issueInset, fontMetrics().height() * 2};
}

QSize IssueBar::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 12, fontMetrics().height() * 2};
}

void IssueBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(QRect(0, 0, width(), 1), hairline(palette()));
    const QRect line = rect().adjusted(issueInset, 0, -issueInset, 0);
    const double side = fontMetrics().ascent() * 0.8;
    const QColor ink = errorInk(palette());
    const QRectF sign(line.left(), (height() - side) / 2.0, side, side);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawEllipse(sign);
    painter.setPen(palette().color(QPalette::Window));
    QFont mark = font();
    mark.setBold(true);
    mark.setPixelSize(std::max(6, qRound(side * 0.8)));
    painter.setFont(mark);
    painter.drawText(sign, Qt::AlignCenter, u"!"_s);
    painter.setFont(font());
    painter.setPen(ink);
    const QRect place = line.adjusted(qRound(side) + 8, 0, 0, 0);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().horizontalAdvance(text()) <= place.width() ? text() : short_);
    if (hasFocus()) {
        QStyleOptionFocusRect option;
        option.initFrom(this);
        option.rect = rect().adjusted(4, 4, -4, -3);
        style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, this);
    }
}

} // namespace weighbridge
