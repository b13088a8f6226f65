#include "ui/form/picker_popup.h"

#include "ui/form/picker.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr int visibleRows = 14;
constexpr int cellInset = 6;

/// Rows with room to breathe.
class AiryDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const QSize size = QStyledItemDelegate::sizeHint(option, index);
        return {size.width() + 2 * cellInset, option.fontMetrics.height() * 3 / 2};
    }
};

QTreeView* makeRows(QWidget* parent)
{
    auto* rows = new QTreeView(parent);
    rows->setObjectName(u"picker.rows"_s);
    rows->setFrameShape(QFrame::NoFrame);
    rows->setRootIsDecorated(false);
    rows->setItemsExpandable(false);
    rows->setIndentation(10);
    rows->setUniformRowHeights(true);
    rows->setEditTriggers(QAbstractItemView::NoEditTriggers);
    rows->setSelectionBehavior(QAbstractItemView::SelectRows);
    rows->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    rows->setFocusPolicy(Qt::NoFocus);
    rows->setAllColumnsShowFocus(true);
    rows->setItemDelegate(new AiryDelegate(rows));
    rows->header()->setStretchLastSection(false);
    rows->header()->setSectionsClickable(false);
    rows->header()->setHighlightSections(false);
    return rows;
}

QModelIndex firstChoice(const QAbstractItemModel& model, const QModelIndex& parent = {})
{
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        if (index.data(Picker::valueRole).isValid())
            return index;
        if (const QModelIndex below = firstChoice(model, index); below.isValid())
            return below;
    }
    return {};
}

} // namespace

WordFilter::WordFilter(QObject* parent) : QSortFilterProxyModel(parent)
{
    setRecursiveFilteringEnabled(true);
}

void WordFilter::setWords(const QString& text)
{
    words_ = text.split(u' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

bool WordFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QModelIndex first = sourceModel()->index(row, 0, parent);
    if (!first.data(Picker::valueRole).isValid())
        return false; // a heading stays for the rows below it
    QString haystack = first.data(Picker::searchRole).toString();
    for (int column = 0; column < sourceModel()->columnCount(parent); ++column)
        haystack += u' ' + first.siblingAtColumn(column).data().toString();
    // "8 b" of "8.03 B" is looked for as "8b" by some.
    haystack += u' ' + QString(haystack).remove(u' ').remove(QChar::Nbsp);
    return std::all_of(words_.cbegin(), words_.cend(),
                       [&](const QString& word) { return haystack.contains(word, Qt::CaseInsensitive); });
}

PickerPopup::PickerPopup(QAbstractItemModel* model, const QString& hint,
                         std::function<QString(const QString&)> nothingFound, QWidget* parent)
    : QFrame(parent, Qt::Popup), search_(new QLineEdit(this)), rows_(makeRows(this)), nothing_(new QLabel(this)),
      nothingFound_(std::move(nothingFound)), filter_(new WordFilter(this))
{
    setObjectName(u"picker.popup"_s);
    setFrameShape(QFrame::StyledPanel);
    setBackgroundRole(QPalette::Base);
    search_->setTextMargins(cellInset, 0, cellInset, 0);
    model->setParent(this);
    filter_->setSourceModel(model);
    rows_->setModel(filter_);
    rows_->setAccessibleName(hint);
    search_->setObjectName(u"picker.search"_s);
    search_->setPlaceholderText(hint);
    search_->setAccessibleName(hint);
    search_->setClearButtonEnabled(true);
    search_->installEventFilter(this);
    setFocusProxy(search_);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(search_);
    layout->addWidget(rows_, 1);
    nothing_->setObjectName(u"picker.nothing"_s);
    nothing_->setWordWrap(true);
    nothing_->setTextFormat(Qt::PlainText);
    nothing_->setMargin(cellInset);
    nothing_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    nothing_->hide();
    layout->addWidget(nothing_, 1);

    connect(search_, &QLineEdit::textChanged, this, &PickerPopup::filter);
    connect(rows_, &QTreeView::clicked, this, &PickerPopup::choose);
}

void PickerPopup::openBelow(const QWidget* button, const QString& current, const QString& text)
{
    search_->setText(text);
    filter(text);
    // The first column takes what the others leave, and asks for what its longest name needs.
    rows_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    rows_->resizeColumnToContents(0);
    const int nameWidth = rows_->columnWidth(0) + rows_->indentation();
    rows_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    int width = 60;
    for (int column = 0; column < filter_->columnCount(); ++column) {
        rows_->resizeColumnToContents(column);
        if (column > 0)
            rows_->setColumnWidth(column, rows_->columnWidth(column) + 14);
        width += column > 0 ? rows_->columnWidth(column) : nameWidth;
    }
    const int rowHeight = rows_->sizeHintForRow(0) > 0 ? rows_->sizeHintForRow(0) : fontMetrics().height() + 4;
    const QRect screen = button->screen()->availableGeometry();
    QSize size(std::max(width, button->width()), search_->sizeHint().height() + rowHeight * visibleRows + 40);
    size = size.boundedTo(screen.size() - QSize(16, 16));
    QPoint place = button->mapToGlobal(QPoint(0, button->height() + 2));
    if (place.y() + size.height() > screen.bottom())
        place.setY(std::max(screen.top(), button->mapToGlobal(QPoint(0, -2)).y() - size.height()));
    place.setX(std::clamp(place.x(), screen.left(), std::max(screen.left(), screen.right() - size.width())));
    setGeometry(QRect(place, size));
    show();
    search_->setFocus(Qt::PopupFocusReason);
    select(current);
}

bool PickerPopup::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != search_ || event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    switch (key->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        choose(rows_->currentIndex());
        return true;
    case Qt::Key_Escape:
        close();
        return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown: {
        QKeyEvent forwarded(key->type(), key->key(), key->modifiers());
        QCoreApplication::sendEvent(rows_, &forwarded);
        return true;
    }
    default:
        return false;
    }
}

void PickerPopup::filter(const QString& text)
{
    filter_->setWords(text);
    rows_->expandAll();
    for (int row = 0; row < filter_->rowCount(); ++row)
        if (filter_->hasChildren(filter_->index(row, 0)))
            rows_->setFirstColumnSpanned(row, {}, true);
    const bool none = filter_->rowCount() == 0;
    nothing_->setText(none ? nothingFound_(text.simplified()) : QString());
    search_->setAccessibleDescription(nothing_->text());
    nothing_->setVisible(none);
    rows_->setVisible(!none);
    selectFirst();
}

void PickerPopup::choose(const QModelIndex& index)
{
    const QVariant value = index.siblingAtColumn(0).data(Picker::valueRole);
    if (!value.isValid())
        return;
    close();
    Q_EMIT chosen(value.toString());
}

void PickerPopup::select(const QString& value)
{
    const QModelIndexList found = filter_->match(filter_->index(0, 0), Picker::valueRole, value, 1,
                                                 Qt::MatchExactly | Qt::MatchRecursive | Qt::MatchWrap);
    if (found.isEmpty() || !search_->text().isEmpty())
        return;
    rows_->setCurrentIndex(found.first());
    rows_->scrollTo(found.first(), QAbstractItemView::PositionAtCenter);
}

void PickerPopup::selectFirst()
{
    rows_->setCurrentIndex(firstChoice(*filter_));
}

} // namespace weighbridge
