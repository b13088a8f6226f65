#pragma once

#include <QAbstractButton>
#include <QString>

namespace weighbridge {

/// The head of a group of fields: its title, a summary at the right and a rule below. One that folds is a button:
/// checked while open.
class GroupHeading : public QAbstractButton
{
    Q_OBJECT

public:
    GroupHeading(const QString& title, bool folds, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setSummary(const QString& summary);
    const QString& summary() const { return summary_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void describe();

    QString summary_;
    bool folds_;
};

} // namespace weighbridge
