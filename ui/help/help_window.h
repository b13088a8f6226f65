#pragma once

#include <QWidget>

class QTabBar;
class QTextBrowser;

namespace weighbridge {

enum class HelpPage
{
    notes,
    references,
    citation,
    about,
};

/// Notes, references, citation and what this program is: one page each, beside the window, never in its way.
class HelpWindow : public QWidget
{
    Q_OBJECT

public:
    explicit HelpWindow(QWidget* parent = nullptr);

    void showPage(HelpPage page);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QTabBar* tabs_;
    QTextBrowser* text_;
};

/// The page as HTML.
QString helpText(HelpPage page);

} // namespace weighbridge
