#pragma once

#include <QAbstractButton>
#include <QString>

namespace weighbridge {

class Form;
class Session;

/// How many problems the form has, at its foot. A click, or F8, goes to the next one. Not there while all is well.
class IssueBar : public QAbstractButton
{
    Q_OBJECT

public:
    IssueBar(Session& session, Form& form, QWidget* parent = nullptr);

    /// Focuses the editor of the next problem.
    void goToNext();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();

    Session& session_;
    Form& form_;
    QString short_; ///< where there is no room for the whole text
    int next_ = 0;
    bool errors_ = false;
};

} // namespace weighbridge
