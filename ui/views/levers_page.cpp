#include "ui/views/levers_page.h"

#include "ui/session/background.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/typography.h"
#include "ui/views/levers_rows.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"
#include "ui/widgets/wrap_layout.h"

#include <QCheckBox>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

LeversPage::LeversPage(QWidget* parent) : Page(parent), background_(new Background(this))
{
    setObjectName(u"leversPage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    heading_ = new SelectableLabel(page);
    heading_->setObjectName(u"levers.heading"_s);
    heading_->setWordWrap(true);
    progress_ = new QProgressBar(page);
    progress_->setObjectName(u"levers.progress"_s);
    progress_->setAccessibleName(tr("Changes tried"));
    progress_->setFormat(tr("%v of %m tried"));
    progress_->hide();
    table_ = new TableSheet(page);
    table_->setObjectName(u"levers.table"_s);
    table_->setAccessibleName(tr("Changes"));
    table_->setSortable();
    table_->setShowsChosen();
    note_ = new SelectableLabel(page);
    note_->setObjectName(u"levers.note"_s);
    note_->setWordWrap(true);
    note_->setText(tr("Each change alone, tried by an estimate of its own; two together where no single one is enough. "
                      "What makes it fit comes first, the cheapest kind before the others."));
    auto* column = new QVBoxLayout(page);
    column->addWidget(heading_);
    column->addWidget(buildTools());
    column->addWidget(progress_);
    column->addWidget(table_);
    column->addWidget(note_);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    connect(table_, &QAbstractItemView::activated, this, &LeversPage::applyRow);
    connect(table_, &TableSheet::currentRowChanged, this, [this] { apply_->setEnabled(!isOld()); });
    connect(background_, &Background::progressed, this, [this](int done, int all) {
        progress_->setRange(0, all);
        progress_->setValue(done);
        progress_->show();
    });
    dress();
}

QWidget* LeversPage::buildTools()
{
    auto* tools = new QWidget(widget());
    sufficing_ = new QCheckBox(tr("Only what makes it f&it"), tools);
    sufficing_->setObjectName(u"levers.sufficing"_s);
    apply_ = namedButton(tools, u"levers.apply"_s, tr("&Apply This Change"));
    apply_->setToolTip(tr("The change goes into the form, as one step that can be undone. Enter or a double click on "
                          "the row does the same."));
    apply_->setEnabled(false);
    QPushButton* png = namedButton(tools, u"levers.png"_s, tr("Export &PNG …"));
    QPushButton* csv = namedButton(tools, u"levers.csv"_s, tr("Export C&SV …"));
    auto* row = new WrapLayout(tools);
    for (QWidget* part : {static_cast<QWidget*>(sufficing_), static_cast<QWidget*>(apply_), static_cast<QWidget*>(png),
                          static_cast<QWidget*>(csv)})
        row->addWidget(part);
    connect(sufficing_, &QCheckBox::toggled, this, &LeversPage::showRows);
    connect(apply_, &QPushButton::clicked, this, &LeversPage::applyRow);
    connect(png, &QPushButton::clicked, this, [this] { want(u"png"_s); });
    connect(csv, &QPushButton::clicked, this, [this] { want(u"csv"_s); });
    return tools;
}

void LeversPage::display(const ViewState& state)
{
    const bool restyle = state.stale != state_.stale;
    const bool changed = restyle || state.unit != state_.unit;
    state_ = state;
    if (!state_.estimate)
        return;
    if (restyle)
        style();
    if (asked_ != state_.estimate && isVisible())
        ask();
    else if (changed)
        showRows();
}

void LeversPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (asked_ != state_.estimate)
        ask();
}

/// Nobody waits for it any more.
void LeversPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    if (asked_ == shown_)
        return;
    background_->stop();
    asked_ = shown_;
}

void LeversPage::ask()
{
    if (!state_.estimate)
        return;
    asked_ = state_.estimate;
    if (!levers_)
        heading_->setText(tr("Trying what would free memory …"));
    showRows(); // greyed: they are of another question
    background_->ask([this, about = asked_](const Background::Progress& progress) -> Background::Show {
        const auto found = weighbridge::levers(question_of(*about), progress);
        return [this, about, levers = found ? *found : nullptr,
                problem = found ? QString() : coreText(found.error().message)] { take(about, levers, problem); };
    });
}

void LeversPage::take(const EstimatePointer& about, const LeversPointer& levers, const QString& problem)
{
    progress_->hide();
    shown_ = about;
    levers_ = levers;
    if (!levers_) {
        heading_->setText(problem);
        table_->display({}, true);
        return;
    }
    const bool fits = does_fit(shown_->fit.verdict);
    sufficing_->setVisible(!fits);
    if (fits)
        sufficing_->setChecked(false);
    showRows();
}

void LeversPage::showRows()
{
    if (!levers_ || !shown_)
        return;
    heading_->setText(leversHeading(*levers_, *shown_));
    Table rows = leverRows(*levers_, state_.unit);
    if (sufficing_->isChecked())
        std::erase_if(rows.rows, [this, place = std::size_t{0}](const auto&) mutable {
            return !levers_->list[place++].makes_it_fit;
        });
    table_->display(rows, isOld());
    apply_->setEnabled(!isOld() && table_->currentIndex().isValid());
}

/// Rows of an older question are greyed and apply nothing.
void LeversPage::applyRow()
{
    const QModelIndex current = table_->currentIndex();
    if (!current.isValid() || isOld() || !levers_)
        return;
    const Lever& lever = levers_->list.at(leverOf(table_->tableModel().shown(), current.row()));
    Q_EMIT scenarioWanted(lever.scenario, coreText(lever.label));
}

void LeversPage::style()
{
    const Spacing space = Spacing::from(font());
    widget()->layout()->setContentsMargins(0, space.s, space.s, space.l);
    widget()->layout()->setSpacing(space.m);
    heading_->setFont(Typography::from(font()).strong);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    setTextColor(heading_, theme.text);
    setTextColor(note_, theme.mutedText);
}

std::vector<Table> LeversPage::tables() const
{
    if (!levers_ || !shown_)
        return {};
    return {table_->tableModel().shown()};
}

std::optional<WantedFile> LeversPage::file(const QString& ending) const
{
    return tablesFile(ending, shown_, u"levers"_s, tr("Levers"), tables());
}

PageEntry leversPage()
{
    return {.id = "levers",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "Le&vers"),
            .make = [](QWidget* parent) -> Page* { return new LeversPage(parent); }};
}

} // namespace weighbridge
