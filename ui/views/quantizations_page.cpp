#include "ui/views/quantizations_page.h"

#include "core/precision/format.h"
#include "ui/session/background.h"
#include "ui/theme/ink.h"
#include "ui/theme/text.h"
#include "ui/theme/typography.h"
#include "ui/views/quantizations_rows.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/table_sheet.h"
#include "ui/widgets/wrap_layout.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

QuantizationsPage::QuantizationsPage(QWidget* parent) : Page(parent), background_(new Background(this))
{
    setObjectName(u"quantizationsPage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    words_ = new SelectableLabel(page);
    words_->setObjectName(u"quantizations.words"_s);
    words_->setWordWrap(true);
    progress_ = new QProgressBar(page);
    progress_->setObjectName(u"quantizations.progress"_s);
    progress_->setAccessibleName(tr("Formats tried"));
    progress_->setFormat(tr("%v of %m tried"));
    progress_->hide();
    table_ = new TableSheet(page);
    table_->setObjectName(u"quantizations.table"_s);
    table_->setAccessibleName(tr("Formats"));
    table_->setSortable();
    table_->setShowsChosen();
    note_ = new SelectableLabel(page);
    note_->setObjectName(u"quantizations.note"_s);
    note_->setWordWrap(true);
    note_->setText(tr("Longest context and most requests are by memory alone; * is longer than the model was made for. "
                      "Loss of quality is how much perplexity grows against 16 bits, where nothing else is said: from "
                      "published measurements of models of this size, or estimated from others, as the tip of each "
                      "figure says. What nobody measured is not known."));
    auto* column = new QVBoxLayout(page);
    column->addWidget(words_);
    column->addWidget(buildTools());
    column->addWidget(progress_);
    column->addWidget(table_);
    column->addWidget(note_);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    connect(table_, &QAbstractItemView::activated, this, &QuantizationsPage::takeRow);
    connect(table_, &TableSheet::currentRowChanged, this, [this] { use_->setEnabled(!isOld()); });
    connect(background_, &Background::progressed, this, [this](int done, int all) {
        progress_->setRange(0, all);
        progress_->setValue(done);
        progress_->show();
    });
    dress();
}

QWidget* QuantizationsPage::buildTools()
{
    auto* tools = new QWidget(widget());
    auto* cacheLabel = new QLabel(tr("&KV cache"), tools);
    cache_ = new QComboBox(tools);
    cache_->setObjectName(u"quantizations.cache"_s);
    cache_->setAccessibleName(tr("KV cache"));
    cache_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    cacheLabel->setBuddy(cache_);
    fitting_ = new QCheckBox(tr("Only what f&its"), tools);
    fitting_->setObjectName(u"quantizations.fitting"_s);
    use_ = namedButton(tools, u"quantizations.use"_s, tr("&Use This Format"));
    use_->setToolTip(
        tr("The weights and the cache of the row go into the form, as one step that can be undone. Enter or "
           "a double click on the row does the same."));
    use_->setEnabled(false);
    QPushButton* png = namedButton(tools, u"quantizations.png"_s, tr("Export &PNG …"));
    QPushButton* csv = namedButton(tools, u"quantizations.csv"_s, tr("Export C&SV …"));
    auto* row = new WrapLayout(tools);
    row->addWidget(cacheLabel);
    row->addWidget(cache_);
    row->addWidget(fitting_);
    row->addWidget(use_);
    row->addWidget(png);
    row->addWidget(csv);
    connect(cache_, &QComboBox::currentIndexChanged, this, &QuantizationsPage::showRows);
    connect(fitting_, &QCheckBox::toggled, this, &QuantizationsPage::showRows);
    connect(use_, &QPushButton::clicked, this, &QuantizationsPage::takeRow);
    connect(png, &QPushButton::clicked, this, [this] { want(u"png"_s); });
    connect(csv, &QPushButton::clicked, this, [this] { want(u"csv"_s); });
    return tools;
}

void QuantizationsPage::display(const ViewState& state)
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

void QuantizationsPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    if (asked_ != state_.estimate)
        ask();
}

/// Nobody waits for it any more.
void QuantizationsPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    if (asked_ == shown_)
        return;
    background_->stop();
    asked_ = shown_;
}

void QuantizationsPage::ask()
{
    if (!state_.estimate || state_.estimate->training)
        return;
    asked_ = state_.estimate;
    if (!ladder_)
        words_->setText(tr("Trying every format that the engine loads …"));
    showRows(); // greyed: they are of another question
    background_->ask([this, about = asked_](const Background::Progress& progress) -> Background::Show {
        const auto found = weighbridge::ladder(question_of(*about), {}, progress);
        return [this, about, ladder = found ? *found : nullptr,
                problem = found ? QString() : coreText(found.error().message)] { take(about, ladder, problem); };
    });
}

void QuantizationsPage::take(const EstimatePointer& about, const LadderPointer& ladder, const QString& problem)
{
    progress_->hide();
    shown_ = about;
    ladder_ = ladder;
    if (!ladder_) {
        words_->setText(problem);
        table_->display({}, true);
        return;
    }
    fillCaches();
    showRows();
}

/// The types of cache in the ladder; what is chosen stays so while it is among them, and begins as the scenario's own.
void QuantizationsPage::fillCaches()
{
    const QSignalBlocker quiet(cache_);
    const bool begins = cache_->count() == 0;
    const QString before = begins ? utf8(shown_->scenario.precision.kv_cache_k) : cache_->currentData().toString();
    cache_->clear();
    for (const LadderRow& row : ladder_->rows) {
        const QString id = utf8(row.kv_cache);
        if (cache_->findData(id) >= 0)
            continue;
        const auto format = find_format(row.kv_cache, FormatUse::kv_cache);
        cache_->addItem(format ? utf8(format->label) : id, id);
    }
    cache_->addItem(tr("All"), QString());
    cache_->setCurrentIndex(std::max(0, cache_->findData(before)));
}

void QuantizationsPage::showRows()
{
    if (!ladder_ || !shown_)
        return;
    const LadderView view{cache_->currentData().toString(), fitting_->isChecked()};
    words_->setText(ladderSentence(*ladder_, view, *shown_, state_.unit));
    table_->display(quantizationRows(*ladder_, view, *shown_, state_.unit), isOld());
    use_->setEnabled(!isOld() && table_->currentIndex().isValid());
}

/// Rows of an older question are greyed and take nothing.
void QuantizationsPage::takeRow()
{
    const QModelIndex current = table_->currentIndex();
    if (!current.isValid() || isOld() || !ladder_)
        return;
    const LadderRow& row = ladder_->rows.at(ladderRowOf(table_->tableModel().shown(), current.row()));
    if (const auto changed = in_formats_of(shown_->asked, row))
        Q_EMIT scenarioWanted(*changed, formatsText(row));
}

void QuantizationsPage::style()
{
    const Spacing space = Spacing::from(font());
    widget()->layout()->setContentsMargins(0, space.s, space.s, space.l);
    widget()->layout()->setSpacing(space.m);
    Theme theme = Theme::from(palette());
    if (state_.stale)
        theme = theme.greyed();
    for (QLabel* label : {words_, note_})
        setTextColor(label, theme.mutedText);
}

std::vector<Table> QuantizationsPage::tables() const
{
    if (!ladder_ || !shown_)
        return {};
    return {table_->tableModel().shown()};
}

std::optional<WantedFile> QuantizationsPage::file(const QString& ending) const
{
    return tablesFile(ending, shown_, u"quantizations"_s, tr("Quantizations"), tables());
}

PageEntry quantizationsPage()
{
    return {.id = "quantizations",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "&Quantizations"),
            .make = [](QWidget* parent) -> Page* { return new QuantizationsPage(parent); },
            .offered = [](const Estimate& estimate) { return estimate.training == nullptr; }};
}

} // namespace weighbridge
