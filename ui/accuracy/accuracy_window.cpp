#include "ui/accuracy/accuracy_window.h"

#include "core/accuracy/reports.h"
#include "core/report/table_writers.h"
#include "ui/accuracy/accuracy_page.h"
#include "ui/accuracy/accuracy_picture.h"
#include "ui/accuracy/accuracy_task.h"
#include "ui/export/file_export.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/named_button.h"

#include <QDir>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QProgressBar>
#include <QScreen>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

AccuracyWindow::AccuracyWindow(SavePathAsker askPath, QWidget* parent)
    : QWidget(parent, Qt::Window), askPath_(std::move(askPath)), task_(new AccuracyTask(this)),
      page_(new AccuracyPage(this)), pages_(new QStackedLayout)
{
    setObjectName(u"accuracy"_s);
    setWindowTitle(tr("Predicted against Measured — Weighbridge"));
    waiting_ = buildWaiting();
    bottom_ = buildBottom();
    pages_->addWidget(waiting_);
    pages_->addWidget(page_);
    auto* column = new QVBoxLayout(this);
    column->addLayout(pages_, 1);
    column->addWidget(bottom_);
    connect(task_, &AccuracyTask::progressed, this, [this](int done, int all) {
        progress_->setMaximum(all);
        progress_->setValue(done);
    });
    connect(task_, &AccuracyTask::finished, this, &AccuracyWindow::showResult);
    style();
    const int unit = fontMetrics().height();
    const QSize most = screen()->availableSize() * 0.9;
    resize(QSize(unit * 84, unit * 52).boundedTo(most));
}

QWidget* AccuracyWindow::buildWaiting()
{
    auto* waiting = new QWidget(this);
    words_ = new QLabel(waiting);
    words_->setObjectName(u"accuracy.words"_s);
    words_->setWordWrap(true);
    words_->setAlignment(Qt::AlignCenter);
    progress_ = new QProgressBar(waiting);
    progress_->setObjectName(u"accuracy.progress"_s);
    progress_->setAccessibleName(tr("Runs estimated"));
    progress_->setTextVisible(false);
    stop_ = namedButton(waiting, u"accuracy.stop"_s, tr("&Cancel"));
    again_ = namedButton(waiting, u"accuracy.again"_s, tr("&Estimate Again"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(stop_);
    buttons->addWidget(again_);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(waiting);
    column->addStretch(1);
    column->addWidget(words_);
    auto* middle = new QHBoxLayout;
    middle->addStretch(1);
    middle->addWidget(progress_, 2);
    middle->addStretch(1);
    column->addLayout(middle);
    column->addLayout(buttons);
    column->addStretch(2);
    connect(stop_, &QPushButton::clicked, task_, &AccuracyTask::stop);
    connect(again_, &QPushButton::clicked, this, &AccuracyWindow::compute);
    return waiting;
}

QWidget* AccuracyWindow::buildBottom()
{
    auto* bottom = new QWidget(this);
    message_ = new ElidedLabel(bottom);
    message_->setObjectName(u"accuracy.message"_s);
    QPushButton* png = namedButton(bottom, u"accuracy.png"_s, tr("Export &PNG …"));
    png->setAccessibleDescription(tr("The scatter of the chosen figure as a picture"));
    QPushButton* csv = namedButton(bottom, u"accuracy.csv"_s, tr("Export C&SV …"));
    csv->setAccessibleDescription(tr("Every run of every figure as a table"));
    QPushButton* markdown = namedButton(bottom, u"accuracy.md"_s, tr("Export &Markdown …"));
    markdown->setAccessibleDescription(tr("The whole report"));
    auto* row = new QHBoxLayout(bottom);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(message_, 1);
    QWidget* before = page_->lastPart();
    for (QPushButton* button : {png, csv, markdown}) {
        row->addWidget(button);
        setTabOrder(before, button);
        before = button;
    }
    connect(png, &QPushButton::clicked, this, [this] {
        const SetAccuracy& set = page_->accuracy()->sets[page_->chosenSet()];
        const FigureAccuracy& figure = set.figures[page_->chosenFigure()];
        const QString name = utf8(set.set->id) % u'-' % utf8(figure.figure->id);
        exportAs(tr("PNG image (*.png)"), name % u".png"_s,
                 [kept = page_->accuracy(), &set, &figure] { return accuracyPng(set, figure); });
    });
    connect(csv, &QPushButton::clicked, this, [this] {
        exportAs(tr("CSV tables (*.csv)"), u"accuracy.csv"_s, [accuracy = page_->accuracy()] {
            return Result<QByteArray>(QByteArray::fromStdString(tables_csv(accuracy_tables(*accuracy))));
        });
    });
    connect(markdown, &QPushButton::clicked, this, [this] {
        exportAs(tr("Markdown (*.md)"), u"accuracy.md"_s, [accuracy = page_->accuracy()] {
            return Result<QByteArray>(QByteArray::fromStdString(accuracy_markdown(*accuracy)));
        });
    });
    return bottom;
}

void AccuracyWindow::present()
{
    if (!page_->accuracy() && !task_->isRunning())
        compute();
    show();
    raise();
    activateWindow();
}

void AccuracyWindow::compute()
{
    words_->setText(tr("Estimating every bundled run …"));
    progress_->setMaximum(0);
    progress_->show();
    stop_->show();
    stop_->setFocus();
    again_->hide();
    bottom_->hide();
    pages_->setCurrentWidget(waiting_);
    task_->start();
}

void AccuracyWindow::showResult(const AccuracyPointer& accuracy)
{
    if (!accuracy) {
        words_->setText(tr("Nothing is compared yet: the estimates were cancelled."));
        progress_->hide();
        stop_->hide();
        again_->show();
        again_->setFocus();
        return;
    }
    page_->display(accuracy);
    pages_->setCurrentWidget(page_);
    bottom_->show();
    page_->takeFocus();
}

void AccuracyWindow::exportAs(const QString& filter, const QString& suggested,
                              std::function<Result<QByteArray>()> bytes)
{
    askPath_(this, filter, suggested, [this, bytes = std::move(bytes)](const QString& path) {
        const Result<QByteArray> written = bytes();
        const Outcome problem = written ? exportText(*written, path) : Outcome(written.error());
        message_->setFullText(problem ? utf8(problem->message)
                                      : tr("%1 is written.").arg(QDir::toNativeSeparators(path)));
    });
}

void AccuracyWindow::style()
{
    const Spacing space = Spacing::from(font());
    layout()->setContentsMargins(space.l, space.m, space.l, space.m);
    layout()->setSpacing(space.m);
    QPalette ink;
    ink.setColor(QPalette::WindowText, Theme::from(palette()).mutedText);
    message_->setPalette(ink);
}

void AccuracyWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

void AccuracyWindow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

} // namespace weighbridge
