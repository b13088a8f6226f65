#pragma once

#include <QFrame>
#include <QSortFilterProxyModel>
#include <QString>
#include <QStringList>

#include <functional>

class QAbstractItemModel;
class QLabel;
class QLineEdit;
class QModelIndex;
class QTreeView;

namespace weighbridge {

/// Rows that hold every word of the filter in any of their columns; headings stay while a row below them does.
class WordFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit WordFilter(QObject* parent = nullptr);

    void setWords(const QString& text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QStringList words_;
};

/// The list of a picker: a line to filter by, and the rows. Type to filter, arrows to move, Enter to choose, Escape to
/// leave.
class PickerPopup : public QFrame
{
    Q_OBJECT

public:
    /// `nothingFound` says what to do where no row holds the words of the filter.
    PickerPopup(QAbstractItemModel* model, const QString& hint, std::function<QString(const QString&)> nothingFound,
                QWidget* parent);

    void openBelow(const QWidget* button, const QString& current, const QString& filter);

Q_SIGNALS:
    void chosen(const QString& value);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void choose(const QModelIndex& index);
    void select(const QString& value);
    void selectFirst();

    QLineEdit* search_;
    QTreeView* rows_;
    QLabel* nothing_;
    std::function<QString(const QString&)> nothingFound_;
    WordFilter* filter_;
};

} // namespace weighbridge
