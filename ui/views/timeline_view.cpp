#include "ui/views/timeline_view.h"

#include "core/training/timeline.h"
#include "ui/charts/timeline_chart.h"
#include "ui/export/timeline_picture.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/selectable_label.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace weighbridge {

using namespace Qt::StringLiterals;

TimelineView::TimelineView(QWidget* parent)
    : QWidget(parent), title_(new QLabel(tr("A step from left to right"), this)), stage_(new QComboBox(this)),
      png_(namedButton(this, u"timeline.png"_s, tr("Export P&NG …"))),
      csv_(namedButton(this, u"timeline.csv"_s, tr("Export CS&V …"))), chart_(new TimelineChart(this)),
      point_(new SelectableLabel(this))
{
    setObjectName(u"timeline"_s);
    chart_->setObjectName(u"timelineChart"_s);
    stage_->setObjectName(u"timelineStage"_s);
    stage_->setAccessibleName(tr("Pipeline stage"));
    point_->setObjectName(u"timelinePoint"_s);
    point_->setWordWrap(true);
    png_->setAccessibleDescription(tr("The timeline as a picture"));
    csv_->setAccessibleDescription(tr("Every point of the timeline as a table"));
    auto* top = new QHBoxLayout;
    top->addWidget(title_, 1);
    top->addWidget(stage_);
    top->addWidget(png_);
    top->addWidget(csv_);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(top);
    column->addWidget(chart_);
    column->addWidget(point_);
    connect(stage_, &QComboBox::currentIndexChanged, this, &TimelineView::showStage);
    connect(chart_, &TimelineChart::currentPartChanged, this, &TimelineView::tellPoint);
    connect(png_, &QPushButton::clicked, this, &TimelineView::wantPng);
    connect(csv_, &QPushButton::clicked, this, &TimelineView::wantCsv);
    hide();
    style();
}

void TimelineView::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale;
    state_ = state;
    if (answers_)
        showStage();
    if (restyle)
        style();
}

void TimelineView::showAnswers(const EstimatePointer& about, const EstimatePointer& answers)
{
    if (about != state_.estimate || !answers->timeline)
        return;
    answers_ = answers;
    const bool any = !answers->timeline->points.empty();
    setVisible(any);
    if (!any)
        return;
    const auto stages = static_cast<int>(answers->training->stages.size());
    {
        const QSignalBlocker quiet(stage_);
        if (stage_->count() != stages) {
            stage_->clear();
            for (int stage = 0; stage < stages; ++stage)
                stage_->addItem(tr("Stage %1").arg(stage));
        }
        stage_->setCurrentIndex(static_cast<int>(answers->timeline->fullest));
        stage_->setVisible(stages > 1);
    }
    showStage();
    const std::vector<TimelineColumn>& columns = chart_->chartLayout().columns;
    for (std::size_t index = 0; index < columns.size(); ++index)
        if (columns[index].peak)
            chart_->setCurrentPart(index);
}

void TimelineView::showStage()
{
    chart_->display(answers_, stage_->currentIndex(), state_.unit, state_.stale);
    tellPoint();
}

/// What the tool tip says, for whoever uses the keyboard.
void TimelineView::tellPoint()
{
    const auto part = chart_->currentPart();
    QString text = part ? chart_->partToolTip(*part) : QString();
    point_->setText(text.replace(u'\n', u"; "_s));
}

void TimelineView::wantPng()
{
    if (answers_)
        Q_EMIT exportWanted({tr("PNG image (*.png)"), u"timeline.png"_s,
                             [answers = answers_, stage = stage_->currentIndex(), unit = state_.unit] {
                                 return timelinePng(*answers, stage, unit);
                             }});
}

void TimelineView::wantCsv()
{
    if (answers_)
        Q_EMIT exportWanted({tr("CSV table (*.csv)"), u"timeline.csv"_s,
                             [answers = answers_] { return Result<QByteArray>(timelineCsv(*answers->timeline)); }});
}

void TimelineView::style()
{
    const Spacing space = Spacing::from(font());
    layout()->setSpacing(space.s);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    QPalette ink;
    ink.setColor(QPalette::WindowText, theme.mutedText);
    point_->setPalette(ink);
    ink.setColor(QPalette::WindowText, theme.text);
    title_->setPalette(ink);
    title_->setFont(Typography::from(font()).strong);
}

void TimelineView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        style();
}

} // namespace weighbridge
