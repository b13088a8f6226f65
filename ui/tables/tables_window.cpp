#include "ui/tables/tables_window.h"

#include "core/report/hardware_tables.h"
#include "core/report/precision_tables.h"
#include "core/report/table_writers.h"
#include "core/sources/presets.h"
#include "ui/export/file_export.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/named_button.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/table_sheet.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QScrollArea>
#include <QSignalBlocker>

#include <algorithm>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// The sets of models, in the order of the box.
enum ModelSet
{
    appendixModels,
    allPresets,
    windowsModel,
};

Table catalogueTable(TablesPage page, bool second, ByteUnit unit)
{
    if (page == TablesPage::precision)
        return second ? quantization_table() : number_formats_table();
    return second ? systems_table(unit) : accelerators_table(unit);
}

/// Whether a text of the row has one of the words in it; sources are no reason to show a row.
bool isWanted(const Row& row, const QStringList& words)
{
    return words.isEmpty() || std::any_of(row.cells.begin(), row.cells.end() - 1, [&](const Cell& cell) {
               const QString text = utf8(cell.text);
               return std::any_of(words.begin(), words.end(),
                                  [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
           });
}

} // namespace

TablesWindow::TablesWindow(SavePathAsker askPath, ModelPointer current, ByteUnit unit, QWidget* parent)
    : QWidget(parent, Qt::Window), askPath_(std::move(askPath)), current_(std::move(current)), unit_(unit)
{
    setObjectName(u"tables"_s);
    setWindowTitle(tr("Reference Tables — Weighbridge"));
    auto* column = new QVBoxLayout(this);
    column->addWidget(buildTop());
    area_ = new QScrollArea(this);
    area_->setObjectName(u"tables.area"_s);
    area_->setFrameShape(QFrame::NoFrame);
    area_->setWidgetResizable(true);
    area_->setFocusPolicy(Qt::NoFocus);
    area_->viewport()->setAutoFillBackground(false);
    column->addWidget(area_, 1);
    column->addWidget(buildBottom());
    pending_.setSingleShot(true);
    pending_.setInterval(0);
    connect(&pending_, &QTimer::timeout, this, &TablesWindow::compute);
    pageChosen();
    style();
    const int unitLength = fontMetrics().height();
    resize(QSize(unitLength * 66, unitLength * 52).boundedTo(screen()->availableSize() * 0.9));
}

QWidget* TablesWindow::buildTop()
{
    auto* top = new QWidget(this);
    set_ = new QComboBox(top);
    set_->setObjectName(u"tables.set"_s);
    set_->addItems({tr("Models of the book appendix"), tr("All presets"), tr("The model in the window")});
    auto* label = new QLabel(tr("&Models"), top);
    label->setBuddy(set_);
    page_ = new SegmentedControl({tr("Models"), tr("Hardware"), tr("Precision")}, top);
    page_->setObjectName(u"tables.page"_s);
    page_->setAccessibleName(tr("Tables of"));
    filter_ = new QLineEdit(top);
    filter_->setObjectName(u"tables.filter"_s);
    filter_->setAccessibleName(tr("Only rows with one of these words"));
    filter_->setClearButtonEnabled(true);
    book_ = new QCheckBox(tr("&Book rules"), top);
    book_->setObjectName(u"tables.book"_s);
    book_->setToolTip(tr("The appendix's own simple rules in place of the detailed ones"));
    table_ = new QComboBox(top);
    table_->setObjectName(u"tables.table"_s);
    table_->setAccessibleName(tr("Table"));
    table_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    models_ = new QWidget(top);
    auto* choice = new QHBoxLayout(models_);
    choice->setContentsMargins(0, 0, 0, 0);
    choice->addWidget(label);
    choice->addWidget(set_);
    auto* row = new QHBoxLayout;
    row->addWidget(models_);
    row->addWidget(table_);
    row->addWidget(filter_, 1);
    row->addWidget(book_);
    auto* column = new QVBoxLayout(top);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(page_, 0, Qt::AlignLeft);
    column->addLayout(row);
    connect(page_, &SegmentedControl::currentIndexChanged, this, &TablesWindow::pageChosen);
    const auto later = [this] { pending_.start(); };
    connect(set_, &QComboBox::currentIndexChanged, this, later);
    connect(table_, &QComboBox::currentIndexChanged, this, [this] {
        dropTables();
        pending_.start();
    });
    connect(filter_, &QLineEdit::textChanged, this, later);
    connect(book_, &QCheckBox::toggled, this, later);
    return top;
}

QWidget* TablesWindow::buildBottom()
{
    auto* bottom = new QWidget(this);
    message_ = new ElidedLabel(bottom);
    message_->setObjectName(u"tables.message"_s);
    QPushButton* csv = namedButton(bottom, u"tables.csv"_s, tr("Export C&SV …"));
    QPushButton* markdown = namedButton(bottom, u"tables.md"_s, tr("Export Mar&kdown …"));
    auto* row = new QHBoxLayout(bottom);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(message_, 1);
    row->addWidget(csv);
    row->addWidget(markdown);
    connect(csv, &QPushButton::clicked, this, [this] { exportAs(tr("CSV tables (*.csv)"), u".csv"_s, false); });
    connect(markdown, &QPushButton::clicked, this, [this] { exportAs(tr("Markdown (*.md)"), u".md"_s, true); });
    return bottom;
}

TablesPage TablesWindow::page() const
{
    return static_cast<TablesPage>(page_->currentIndex());
}

void TablesWindow::pageChosen()
{
    const bool models = page() == TablesPage::models;
    models_->setVisible(models);
    book_->setVisible(models);
    const bool precision = page() == TablesPage::precision;
    const QSignalBlocker quiet(table_);
    table_->setVisible(!models);
    table_->clear();
    table_->addItems(precision ? QStringList{tr("Number formats"), tr("Quantization schemes")}
                               : QStringList{tr("Accelerators"), tr("Systems")});
    filter_->setPlaceholderText(models      ? tr("Names with, such as llama, qwen3")
                                : precision ? tr("Rows with, such as fp8, 4-bit")
                                            : tr("Rows with, such as h100, blackwell"));
    filter_->clear();
    dropTables();
    pending_.start();
}

void TablesWindow::present(TablesPage page, ModelPointer current, ByteUnit unit)
{
    page_->setCurrentIndex(static_cast<int>(page));
    current_ = std::move(current);
    unit_ = unit;
    pending_.start(); // after the window itself has been painted
    show();
    raise();
    activateWindow();
}

void TablesWindow::flush()
{
    pending_.stop();
    compute();
}

const std::vector<ModelPointer>& TablesWindow::presets()
{
    if (presets_.empty())
        for (const std::string_view name : preset_names())
            if (const auto model = preset_model(name))
                presets_.push_back(*model);
    return presets_;
}

std::vector<ModelPointer> TablesWindow::chosenModels()
{
    std::vector<ModelPointer> models;
    if (set_->currentIndex() == windowsModel) {
        models.push_back(current_);
    } else if (set_->currentIndex() == allPresets) {
        models = presets();
    } else {
        for (const std::string_view name : reference_models())
            if (const auto model = preset_model(name))
                models.push_back(*model);
    }
    const QStringList words = wanted();
    if (words.isEmpty())
        return models;
    std::erase_if(models, [&](const ModelPointer& model) {
        const QString name = utf8(model->name);
        return std::none_of(words.begin(), words.end(),
                            [&](const QString& word) { return name.contains(word, Qt::CaseInsensitive); });
    });
    return models;
}

QStringList TablesWindow::wanted() const
{
    QStringList words = filter_->text().split(u',');
    for (QString& word : words)
        word = word.trimmed();
    words.removeAll(QString());
    return words;
}

void TablesWindow::compute()
{
    if (page() == TablesPage::models)
        computeModels();
    else
        computeCatalogue();
    showReport();
}

void TablesWindow::computeCatalogue()
{
    report_ = {catalogueTable(page(), table_->currentIndex() > 0, unit_)};
    auto& rows = report_.front().rows;
    std::erase_if(rows, [words = wanted()](const auto& row) { return !isWanted(row, words); });
    const auto count = static_cast<int>(rows.size());
    message_->setFullText(count == 0   ? tr("No row has such a word.")
                          : count == 1 ? tr("1 row")
                                       : tr("%1 rows").arg(count));
}

void TablesWindow::computeModels()
{
    ReferenceChoice choice;
    choice.book_rules = book_->isChecked();
    const std::vector<ModelPointer> models = chosenModels();
    report_ = reference_report(reference_tables(models, choice), unit_);
    const auto count = static_cast<int>(models.size());
    message_->setFullText(count == 0   ? tr("No model has such a name.")
                          : count == 1 ? tr("1 model")
                                       : tr("%1 models").arg(count));
}

void TablesWindow::dropTables()
{
    delete area_->takeWidget();
    sections_.clear();
    report_.clear();
}

void TablesWindow::makeTables()
{
    auto* page = new QWidget;
    area_->setWidget(page);
    page->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(page);
    for (const Table& table : report_) {
        Section section;
        section.title = new QLabel(page);
        section.note = new QLabel(page);
        section.note->setWordWrap(true);
        section.table = new TableSheet(page);
        section.table->setObjectName(u"tables."_s % utf8(table.id));
        section.table->setSortable();
        for (QWidget* part : {static_cast<QWidget*>(section.title), static_cast<QWidget*>(section.note),
                              static_cast<QWidget*>(section.table)})
            column->addWidget(part);
        sections_.push_back(section);
    }
    if (sections_.size() == 1) // long: the headings stay in sight
        sections_.front().table->setScrolls();
    else
        column->addStretch(1);
    style();
}

void TablesWindow::showReport()
{
    if (sections_.empty())
        makeTables();
    for (std::size_t i = 0; i < report_.size(); ++i) {
        sections_[i].title->setText(coreText(report_[i].title));
        sections_[i].note->setText(coreText(report_[i].note) % u'.');
        sections_[i].table->setAccessibleName(coreText(report_[i].title));
        sections_[i].table->display(report_[i], false);
    }
}

void TablesWindow::exportAs(const QString& filter, const QString& ending, bool markdown)
{
    QString name = u"reference-tables"_s;
    if (page() != TablesPage::models && !report_.empty())
        name = utf8(report_.front().id).replace(u'_', u'-');
    askPath_(this, filter, name + ending, [this, markdown](const QString& path) {
        std::vector<Table> shown = report_;
        for (std::size_t i = 0; i < shown.size(); ++i)
            if (const TableSheet& table = *sections_[i].table; table.sortedColumn() >= 0)
                sort_by(shown[i], static_cast<std::size_t>(table.sortedColumn()),
                        table.sortOrder() == Qt::DescendingOrder);
        const std::string text = markdown ? tables_markdown(shown) : tables_csv(shown);
        const Outcome problem = exportText(QByteArray::fromStdString(text), path);
        message_->setFullText(problem ? utf8(problem->message)
                                      : tr("%1 is written.").arg(QDir::toNativeSeparators(path)));
    });
}

void TablesWindow::style()
{
    const Spacing space = Spacing::from(font());
    const Typography type = Typography::from(font());
    layout()->setContentsMargins(space.l, space.m, space.l, space.m);
    layout()->setSpacing(space.m);
    if (QWidget* page = area_->widget()) {
        page->layout()->setContentsMargins(0, space.m, space.s, space.m);
        page->layout()->setSpacing(space.m);
    }
    QPalette ink;
    ink.setColor(QPalette::WindowText, Theme::from(palette()).mutedText);
    message_->setPalette(ink);
    for (const Section& section : sections_) {
        section.title->setFont(type.strong);
        section.title->setContentsMargins(0, space.l, 0, 0);
        section.note->setPalette(ink);
    }
}

void TablesWindow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

void TablesWindow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    const bool appearance = event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange;
    if (appearance && area_ != nullptr)
        style();
}

} // namespace weighbridge
