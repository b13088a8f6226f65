#include "ui/form/choice_edit.h"

#include "ui/form/line_edit.h"
#include "ui/theme/ink.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QStyleOptionComboBox>
#include <QStylePainter>
#include <QWheelEvent>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr int detailRole = Qt::UserRole + 1;
constexpr int noteInset = 6;

/// Rows of the list: the label, and the detail at the right.
class ChoiceDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QSize size = QStyledItemDelegate::sizeHint(option, index);
        const QString detail = index.data(detailRole).toString();
        size.rwidth() += option.fontMetrics.horizontalAdvance(detail) + 24;
        size.setHeight(option.fontMetrics.height() + 8);
        return size;
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const bool chosen = option.state.testFlag(QStyle::State_Selected);
        painter->setFont(smallFont(option.font));
        painter->setPen(chosen ? option.palette.color(QPalette::HighlightedText) : mutedInk(option.palette));
        painter->drawText(option.rect.adjusted(0, 0, -8, 0), Qt::AlignRight | Qt::AlignVCenter,
                          index.data(detailRole).toString());
    }
};

} // namespace

ChoiceEdit::ChoiceEdit(All all, One one, bool editable, QWidget* parent)
    : QComboBox(parent), all_(std::move(all)), one_(std::move(one))
{
    setFocusPolicy(Qt::StrongFocus);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(8);
    setMaxVisibleItems(16);
    if (!one_)
        complete();
    if (editable) {
        setLineEdit(new LineEdit(this)); // makes it editable; setEditable() would make a line of its own first
        setInsertPolicy(QComboBox::NoInsert);
        setCompleter(nullptr);
        lineEdit()->setTextMargins(0, 0, 0, 0);
        lineEdit()->installEventFilter(this);
        connect(lineEdit(), &QLineEdit::textEdited, this, [this](const QString& text) {
            complete();
            typing_ = true;
            echo_ = QString();
            Q_EMIT edited(valueOfText(text));
        });
    }
    connect(this, &QComboBox::activated, this, [this](int index) {
        typing_ = false;
        if (index >= 0 && index < choices_.size())
            Q_EMIT edited(choices_.at(index).value);
    });
}

void ChoiceEdit::add(const FieldChoice& choice)
{
    choices_.append(choice);
    addItem(choice.label, choice.value);
    setItemData(count() - 1, choice.detail, detailRole);
}

/// The whole list, in its order, with what is shown as it was.
void ChoiceEdit::complete()
{
    if (complete_)
        return;
    complete_ = true;
    const QSignalBlocker silence(this);
    const QVariant value = currentIndex() >= 0 ? currentData() : QVariant();
    const QString typed = lineEdit() != nullptr ? lineEdit()->text() : QString();
    const int cursor = lineEdit() != nullptr ? lineEdit()->cursorPosition() : 0;
    clear();
    choices_.clear();
    for (const FieldChoice& choice : all_())
        add(choice);
    setCurrentIndex(value.isValid() ? findData(value) : -1);
    showDefault(default_);
    if (lineEdit() == nullptr)
        return;
    const QSignalBlocker quiet(lineEdit());
    lineEdit()->setText(typed);
    lineEdit()->setCursorPosition(cursor);
}

void ChoiceEdit::showPopup()
{
    complete();
    // The list's delegate is made when the list is first seen.
    if (qobject_cast<QStyledItemDelegate*>(itemDelegate()) == nullptr || itemDelegate()->objectName().isEmpty()) {
        auto* delegate = new ChoiceDelegate(this);
        delegate->setObjectName(u"choices"_s);
        setItemDelegate(delegate);
        view()->setMinimumWidth(view()->sizeHintForColumn(0) + 24);
    }
    QComboBox::showPopup();
}

void ChoiceEdit::showValue(const QString& value)
{
    const QSignalBlocker silence(this);
    if (!complete_ && findData(value) < 0)
        if (const auto choice = one_(value))
            add(*choice);
    const int index = findData(value);
    if (lineEdit() == nullptr) {
        setCurrentIndex(index);
        return;
    }
    if (lineEdit()->hasFocus() && valueOfText(lineEdit()->text()) == value)
        return;
    // What is being typed stays as typed, whatever the core calls it; another value is an undo, or a choice elsewhere.
    if (typing_ && (echo_.isNull() || echo_ == value)) {
        echo_ = value.isNull() ? u""_s : value;
        return;
    }
    typing_ = false;
    if (currentIndex() != index)
        setCurrentIndex(index);
    const QString text = index >= 0 ? itemText(index) : value;
    if (lineEdit()->text() != text) {
        const QSignalBlocker quiet(lineEdit());
        lineEdit()->setText(text);
        lineEdit()->setCursorPosition(0);
    }
    update();
}

void ChoiceEdit::showDefault(const QString& text)
{
    default_ = text;
    if (text.isEmpty())
        return;
    int index = findData(QString());
    if (index < 0)
        index = findData(u"auto"_s);
    if (index < 0 || itemData(index, detailRole).toString() == text)
        return;
    setItemData(index, text, detailRole);
    update();
}

namespace {

/// Without what tells no two names apart: "q4km" of "gguf:Q4_K_M".
QString bareName(const QString& name)
{
    static const QRegularExpression marks(u"^gguf[: ]?|[-_., ]"_s, QRegularExpression::CaseInsensitiveOption);
    return QString(name).remove(marks).toLower();
}

} // namespace

/// What a person typed, as scenarios spell it: "NVFP4" and "nvfp4" are the same, "q4km" is "gguf:Q4_K_M", "3.5 bit" is
/// "bits:3.5".
QString ChoiceEdit::valueOfText(const QString& text) const
{
    const QString simple = text.simplified();
    for (const FieldChoice& choice : choices_)
        if (choice.label.compare(simple, Qt::CaseInsensitive) == 0 ||
            choice.value.compare(simple, Qt::CaseInsensitive) == 0)
            return choice.value;
    if (const QString bare = bareName(simple); !bare.isEmpty())
        for (const FieldChoice& choice : choices_)
            if (bareName(choice.label) == bare || bareName(choice.value) == bare)
                return choice.value;
    static const QRegularExpression width(u"^([0-9.]+) ?bits?$"_s, QRegularExpression::CaseInsensitiveOption);
    const auto match = width.match(simple);
    return match.hasMatch() ? u"bits:"_s + match.captured(1) : simple;
}

QString ChoiceEdit::detail() const
{
    return currentIndex() >= 0 && (lineEdit() == nullptr || lineEdit()->text() == itemText(currentIndex()))
               ? currentData(detailRole).toString()
               : QString();
}

QSize ChoiceEdit::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 17, QComboBox::sizeHint().height()};
}

QSize ChoiceEdit::minimumSizeHint() const
{
    // QComboBox keeps its least size when the font changes.
    return {fontMetrics().averageCharWidth() * 10, sizeHint().height()};
}

QRect ChoiceEdit::textRect() const
{
    QStyleOptionComboBox option;
    initStyleOption(&option);
    return style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this);
}

void ChoiceEdit::paintEvent(QPaintEvent*)
{
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const QRect field = textRect();
    const QString note = detail();
    const QFontMetrics small(smallFont(font()));
    const int noteWidth = note.isEmpty() ? 0 : small.horizontalAdvance(note) + noteInset;
    if (!isEditable()) {
        option.currentText = fontMetrics().elidedText(currentText(), Qt::ElideRight, field.width() - noteWidth - 4);
        painter.drawControl(QStyle::CE_ComboBoxLabel, option);
    }
    const int textWidth = isEditable() ? fontMetrics().horizontalAdvance(lineEdit()->text()) + 4 : 0;
    const int leastWidth = fontMetrics().averageCharWidth() * 6;
    if (note.isEmpty() || noteWidth + std::max(textWidth, leastWidth) > field.width())
        return;
    painter.setFont(smallFont(font()));
    painter.setPen(mutedInk(palette()));
    painter.drawText(field, Qt::AlignRight | Qt::AlignVCenter, note);
}

void ChoiceEdit::resizeEvent(QResizeEvent* event)
{
    QComboBox::resizeEvent(event);
}

bool ChoiceEdit::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == lineEdit() && event->type() == QEvent::FocusIn)
        complete();
    if (watched == lineEdit() && event->type() == QEvent::FocusOut) {
        if (std::exchange(typing_, false) && !echo_.isNull())
            showValue(echo_);
        Q_EMIT left();
    }
    return QComboBox::eventFilter(watched, event);
}

void ChoiceEdit::wheelEvent(QWheelEvent* event)
{
    if (hasFocus())
        QComboBox::wheelEvent(event);
    else
        event->ignore();
}

void ChoiceEdit::focusInEvent(QFocusEvent* event)
{
    complete();
    QComboBox::focusInEvent(event);
}

void ChoiceEdit::keyPressEvent(QKeyEvent* event)
{
    complete();
    QComboBox::keyPressEvent(event);
}

void ChoiceEdit::focusOutEvent(QFocusEvent* event)
{
    QComboBox::focusOutEvent(event);
    Q_EMIT left();
}

} // namespace weighbridge
