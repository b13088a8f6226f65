#include "ui/tables/tables_window.h"

#include "core/sources/presets.h"
#include "ui/export/file_export.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/views/elided_label.h"
#include "ui/views/named_button.h"
#include "ui/views/rows_table.h"

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

Rows rowsOf(const ReferenceTable& table)
{
    Rows rows;
    for (const ReferenceColumn& column : table.columns)
        rows.columns.push_back({coreText(column.heading), column.number, {}});
    for (const std::vector<ReferenceCell>& cells : table.rows) {
        Rows::Row& row = rows.rows.emplace_back();
        for (const ReferenceCell& cell : cells) {
            RowCell& shown = row.cells.emplace_back();
            shown.text = utf8(cell.text);
            shown.toolTip = utf8(cell.remark);
            shown.order = cell.value;
        }
    }
    return rows;
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
    auto* page = new QWidget;
    area_->setWidget(page);
    new QVBoxLayout(page);
    area_->viewport()->setAutoFillBackground(false);
    page->setAutoFillBackground(false);
    column->addWidget(area_, 1);
    column->addWidget(buildBottom());
    pending_.setSingleShot(true);
    pending_.setInterval(0);
    connect(&pending_, &QTimer::timeout, this, &TablesWindow::compute);
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
    filter_ = new QLineEdit(top);
    filter_->setObjectName(u"tables.filter"_s);
    filter_->setPlaceholderText(tr("Names with, such as llama, qwen3"));
    filter_->setAccessibleName(tr("Only models whose names contain one of these"));
    filter_->setClearButtonEnabled(true);
    book_ = new QCheckBox(tr("&Book rules"), top);
    book_->setObjectName(u"tables.book"_s);
    book_->setToolTip(tr("The appendix's own simple rules in place of the detailed ones"));
    auto* row = new QHBoxLayout(top);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(label);
    row->addWidget(set_);
    row->addWidget(filter_, 1);
    row->addWidget(book_);
    const auto later = [this] { pending_.start(); };
    connect(set_, &QComboBox::currentIndexChanged, this, later);
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
    QPushButton* markdown = namedButton(bottom, u"tables.md"_s, tr("Export &Markdown …"));
    auto* row = new QHBoxLayout(bottom);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(message_, 1);
    row->addWidget(csv);
    row->addWidget(markdown);
    connect(csv, &QPushButton::clicked, this,
            [this] { exportAs(tr("CSV tables (*.csv)"), u"reference-tables.csv"_s, false); });
    connect(markdown, &QPushButton::clicked, this,
            [this] { exportAs(tr("Markdown (*.md)"), u"reference-tables.md"_s, true); });
    return bottom;
}

void TablesWindow::present(ModelPointer current, ByteUnit unit)
{
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
    const QStringList words = filter_->text().split(u',', Qt::SkipEmptyParts);
    if (words.isEmpty())
        return models;
    std::erase_if(models, [&](const ModelPointer& model) {
        const QString name = utf8(model->name);
        return std::none_of(words.begin(), words.end(),
                            [&](const QString& word) { return name.contains(word.trimmed(), Qt::CaseInsensitive); });
    });
    return models;
}

void TablesWindow::compute()
{
    ReferenceChoice choice;
    choice.book_rules = book_->isChecked();
    const std::vector<ModelPointer> models = chosenModels();
    report_ = reference_report(reference_tables(models, choice), unit_);
    const auto count = static_cast<int>(models.size());
    message_->setFullText(count == 0   ? tr("No model has such a name.")
                          : count == 1 ? tr("1 model")
                                       : tr("%1 models").arg(count));
    showReport();
}

void TablesWindow::makeTables()
{
    QWidget* page = area_->widget();
    for (const ReferenceTable& table : report_) {
        Section section;
        section.title = new QLabel(page);
        section.note = new QLabel(page);
        section.note->setWordWrap(true);
        section.table = new RowsTable(page);
        section.table->setObjectName(u"tables."_s % utf8(table.id));
        section.table->setSortable();
        for (QWidget* part : {static_cast<QWidget*>(section.title), static_cast<QWidget*>(section.note),
                              static_cast<QWidget*>(section.table)})
            page->layout()->addWidget(part);
        sections_.push_back(section);
    }
    static_cast<QVBoxLayout*>(page->layout())->addStretch(1); // NOLINT: made as such above
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
        sections_[i].table->display(rowsOf(report_[i]), false);
    }
}

void TablesWindow::exportAs(const QString& filter, const QString& suggested, bool markdown)
{
    askPath_(this, filter, suggested, [this, markdown](const QString& path) {
        std::vector<ReferenceTable> shown = report_;
        for (std::size_t i = 0; i < shown.size(); ++i)
            if (const RowsTable& table = *sections_[i].table; table.sortedColumn() >= 0)
                sort_by(shown[i], static_cast<std::size_t>(table.sortedColumn()),
                        table.sortOrder() == Qt::DescendingOrder);
        const std::string text = markdown ? reference_markdown(shown) : reference_csv(shown);
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
    area_->widget()->layout()->setContentsMargins(0, space.m, space.s, space.m);
    area_->widget()->layout()->setSpacing(space.m);
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
