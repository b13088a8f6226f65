#pragma once

#include <QAbstractButton>
#include <QFrame>
#include <QString>

class QAbstractItemModel;
class QLineEdit;
class QModelIndex;
class QStandardItem;
class QTreeView;

namespace weighbridge {

/// One cell of a list, which can't be edited. The model that it is put into owns it.
QStandardItem* pickerCell(const QString& text, Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter);

/// Looks like a combo box and opens a searchable list with columns. The list is made when it is first opened.
class Picker : public QAbstractButton
{
    Q_OBJECT

public:
    /// Role of the text that a row of the list stands for; rows without it are headings.
    static constexpr int valueRole = Qt::UserRole;
    /// Role of the text that is searched, beside what the columns show.
    static constexpr int searchRole = Qt::UserRole + 1;

    explicit Picker(QWidget* parent = nullptr);

    /// What is chosen, and where it is from ("preset").
    void showChoice(const QString& value, const QString& text, const QString& detail);
    void open(const QString& filter = {});

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& value);

protected:
    /// The rows; each is asked for anew when the list opens.
    virtual QAbstractItemModel* makeModel(QObject* parent) = 0;
    virtual QString searchHint() const = 0;
    /// What is said, and what can be done, where no row holds these words.
    virtual QString nothingFound(const QString& words) const = 0;

    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    QString value_;
    QString detail_;
};

} // namespace weighbridge
