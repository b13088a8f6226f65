#include "ui/form/line_edit.h"

#include "ui/theme/ink.h"

#include <QDragEnterEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <QPainter>
#include <QSignalBlocker>

namespace weighbridge {

namespace {

constexpr int suffixInset = 8;

} // namespace

LineEdit::LineEdit(QWidget* parent) : QLineEdit(parent)
{
    connect(this, &QLineEdit::textEdited, this, &LineEdit::edited);
    connect(this, &QLineEdit::returnPressed, this, &LineEdit::left);
    connect(this, &QLineEdit::textChanged, this, &LineEdit::makeRoom);
    makeRoom();
}

void LineEdit::setSuffix(const QString& suffix)
{
    if (suffix_ == suffix)
        return;
    suffix_ = suffix;
    makeRoom();
    update();
}

void LineEdit::showText(const QString& text)
{
    if (this->text() == text)
        return;
    const QSignalBlocker silence(this);
    const int cursor = cursorPosition();
    setText(text);
    setCursorPosition(hasFocus() ? qMin(cursor, static_cast<int>(text.size())) : 0);
    makeRoom();
}

/// The suffix gives way where the text would be cut.
void LineEdit::makeRoom()
{
    constexpr int frame = 16; // with the cursor, at both sides
    const int wanted = suffix_.isEmpty() ? 0 : QFontMetrics(smallFont(font())).horizontalAdvance(suffix_) + suffixInset;
    const bool fits = !isVisible() || fontMetrics().horizontalAdvance(text()) + wanted + frame <= width();
    showsSuffix_ = wanted > 0 && fits;
    setTextMargins(4, 0, 4 + (showsSuffix_ ? wanted : 0), 0);
}

void LineEdit::resizeEvent(QResizeEvent* event)
{
    QLineEdit::resizeEvent(event);
    makeRoom();
}

void LineEdit::showEvent(QShowEvent* event)
{
    QLineEdit::showEvent(event);
    makeRoom();
}

bool LineEdit::event(QEvent* event)
{
    // The window has one undo for everything; the editor's own would stand in its way.
    if (event->type() == QEvent::ShortcutOverride && echoMode() == QLineEdit::Normal) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
            event->ignore();
            return true;
        }
    }
    return QLineEdit::event(event);
}

void LineEdit::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    if (!showsSuffix_)
        return;
    QPainter painter(this);
    painter.setFont(smallFont(font()));
    painter.setPen(mutedInk(palette()));
    painter.drawText(rect().adjusted(0, 0, -suffixInset, 0), Qt::AlignRight | Qt::AlignVCenter, suffix_);
}

void LineEdit::changeEvent(QEvent* event)
{
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        makeRoom();
}

void LineEdit::focusOutEvent(QFocusEvent* event)
{
    QLineEdit::focusOutEvent(event);
    if (event->reason() != Qt::PopupFocusReason)
        Q_EMIT left();
}

void LineEdit::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

void LineEdit::dragEnterEvent(QDragEnterEvent* event)
{
    // Files are for the window.
    if (event->mimeData()->hasUrls())
        event->ignore();
    else
        QLineEdit::dragEnterEvent(event);
}

} // namespace weighbridge
