#include "ui/help/help_window.h"

#include "ui/widgets/tab_steps.h"

#include <QKeyEvent>
#include <QTabBar>
#include <QTextBrowser>
#include <QTextDocument>
#include <QVBoxLayout>

namespace weighbridge {

using namespace Qt::StringLiterals;

HelpWindow::HelpWindow(QWidget* parent)
    : QWidget(parent, Qt::Window), tabs_(new QTabBar(this)), text_(new QTextBrowser(this))
{
    setObjectName(u"help"_s);
    setWindowTitle(tr("Help — Weighbridge"));
    tabs_->setObjectName(u"help.tabs"_s);
    tabs_->setAccessibleName(tr("Help pages"));
    tabs_->setExpanding(false);
    for (const QString& title : {tr("Notes"), tr("References"), tr("Citation"), tr("About")})
        tabs_->addTab(title);
    text_->setObjectName(u"help.text"_s);
    text_->setAccessibleName(tr("Help text"));
    text_->setOpenExternalLinks(true);
    text_->setFrameShape(QFrame::NoFrame);
    text_->document()->setDocumentMargin(16);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(0);
    column->addWidget(tabs_);
    column->addWidget(text_, 1);
    connect(tabs_, &QTabBar::currentChanged, this,
            [this](int index) { text_->setHtml(helpText(static_cast<HelpPage>(index))); });
    stepTabsByKeys(tabs_, this);
    const int unit = fontMetrics().height();
    resize(unit * 42, unit * 32);
}

void HelpWindow::showPage(HelpPage page)
{
    tabs_->setCurrentIndex(static_cast<int>(page));
    text_->setHtml(helpText(page));
    show();
    raise();
    activateWindow();
    text_->setFocus();
}

void HelpWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

} // namespace weighbridge
