// What the window opens, saves, exports and copies.

#include "core/fields/scenario_json.h"
#include "core/files/weights_path.h"
#include "core/quantity/display.h"
#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/estimate_tables.h"
#include "core/report/markdown.h"
#include "ui/export/file_export.h"
#include "ui/export/picture.h"
#include "ui/form/form.h"
#include "ui/form/scenario_files.h"
#include "ui/models/model_source.h"
#include "ui/session/session.h"
#include "ui/session/text.h"
#include "ui/widgets/table_copy.h"
#include "ui/window/main_window.h"
#include "ui/window/result_pane.h"

#include <nlohmann/json.hpp>

#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QRegularExpression>
#include <QUrl>

#include <array>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct ExportFormat
{
    QLatin1StringView ending;
    const char* filter;
};

constexpr std::array formats{
    ExportFormat{"png"_L1, QT_TRANSLATE_NOOP("MainWindow", "PNG picture (*.png)")},
    ExportFormat{"svg"_L1, QT_TRANSLATE_NOOP("MainWindow", "SVG picture (*.svg)")},
    ExportFormat{"pdf"_L1, QT_TRANSLATE_NOOP("MainWindow", "PDF picture (*.pdf)")},
    ExportFormat{"csv"_L1, QT_TRANSLATE_NOOP("MainWindow", "CSV tables (*.csv)")},
    ExportFormat{"json"_L1, QT_TRANSLATE_NOOP("MainWindow", "JSON report (*.json)")},
    ExportFormat{"md"_L1, QT_TRANSLATE_NOOP("MainWindow", "Markdown report (*.md)")},
};

Outcome writeReport(const Estimate& estimate, ByteUnit unit, const QString& ending, const QString& path)
{
    if (ending == "png"_L1)
        return exportPicture(estimate, unit, PictureFormat::png, path);
    if (ending == "svg"_L1)
        return exportPicture(estimate, unit, PictureFormat::svg, path);
    if (ending == "pdf"_L1)
        return exportPicture(estimate, unit, PictureFormat::pdf, path);
    if (ending == "csv"_L1)
        return exportText(QByteArray::fromStdString(to_csv(estimate)), path);
    if (ending == "json"_L1)
        return exportText(QByteArray::fromStdString(to_json(estimate).dump(2) + '\n'), path);
    return exportText(QByteArray::fromStdString(to_markdown(estimate)), path);
}

} // namespace

void MainWindow::openFile()
{
    services_.askPath(this,
                      {PathQuestion::Kind::openFile,
                       tr("Open model or scenario"),
                       tr("Models and scenarios (*.gguf *.safetensors *.json);;All files (*)"),
                       {}},
                      [this](const QString& path) { openPath(path); });
}

void MainWindow::openFolder()
{
    services_.askPath(this, {PathQuestion::Kind::openFolder, tr("Open model folder"), {}, {}},
                      [this](const QString& path) { openPath(path); });
}

void MainWindow::openPath(const QString& path)
{
    if (!weights_at(fromQt(path)).empty()) {
        source_->openWeights(path);
        return;
    }
    const auto opened = readTextFile(path);
    if (!opened) {
        say(Severity::error, toQt(opened.error().message));
        return;
    }
    if (opened->scenario)
        takeScenario(*opened->scenario, path);
    else
        source_->openConfig(opened->config->bytes, opened->config->name, opened->config->path);
}

void MainWindow::takeScenario(const Scenario& scenario, const QString& path)
{
    const QString what = tr("Open %1").arg(QFileInfo(path).fileName());
    ModelReference reference = scenario.model;
    if (reference.kind == ModelReference::Kind::path) {
        reference.text = fromQt(QFileInfo(path).dir().absoluteFilePath(toQt(reference.text)));
        if (!weights_at(reference.text).empty()) {
            source_->readWeights(reference, [this, scenario, what](const LoadedModel& loaded) {
                session_->setScenario(scenario, loaded, what);
            });
            return;
        }
    }
    const auto model = source_->loadedHere(reference);
    if (!model) {
        say(Severity::error, path + u": "_s + toQt(model.error().message));
        return;
    }
    source_->supersede();
    session_->setScenario(scenario, *model, what);
}

void MainWindow::saveScenario()
{
    services_.askPath(
        this, {PathQuestion::Kind::saveFile, tr("Save scenario"), tr("Scenario (*.json)"), fileName(u"json"_s)},
        [this](const QString& path) {
            const std::string text =
                write_scenario(session_->scenario()).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
                '\n';
            if (const Outcome problem = exportText(QByteArray::fromStdString(text), path))
                say(Severity::error, toQt(problem->message));
            else
                say(Severity::note, tr("Saved as %1").arg(path));
        });
}

void MainWindow::exportAs(const QString& ending)
{
    session_->flush();
    if (const auto own = results_->file(ending)) {
        exportFile(*own);
        return;
    }
    for (const ExportFormat& format : formats) {
        if (format.ending != ending)
            continue;
        services_.askPath(this, {PathQuestion::Kind::saveFile, tr("Export"), tr(format.filter), fileName(ending)},
                          [this, ending](const QString& path) { writeExport(ending, path); });
    }
}

void MainWindow::writeExport(const QString& ending, const QString& path)
{
    session_->flush();
    const ViewState& state = session_->state();
    if (const Outcome problem = writeReport(*state.estimate, state.unit, ending, path))
        say(Severity::error, toQt(problem->message));
    else
        say(Severity::note, tr("Exported to %1").arg(path));
}

void MainWindow::exportFile(const WantedFile& wanted)
{
    services_.askPath(this, {PathQuestion::Kind::saveFile, tr("Export"), wanted.filter, wanted.suggested},
                      [this, bytes = wanted.bytes](const QString& path) {
                          const Result<QByteArray> written = bytes();
                          const Outcome problem = written ? exportText(*written, path) : Outcome(written.error());
                          if (problem)
                              say(Severity::error, toQt(problem->message));
                          else
                              say(Severity::note, tr("Exported to %1").arg(path));
                      });
}

QString MainWindow::fileName(const QString& ending) const
{
    static const QRegularExpression unusual(u"[^A-Za-z0-9._-]+"_s);
    QString name = toQt(session_->model()->name);
    name.replace(unusual, u"-"_s);
    while (name.endsWith(u'-'))
        name.chop(1);
    return name + u'.' + ending;
}

void MainWindow::copyPicture()
{
    const ViewState& state = session_->state();
    QGuiApplication::clipboard()->setImage(pictureImage(*state.estimate, state.unit));
    say(Severity::note, tr("Picture copied."));
}

void MainWindow::copyEstimateTable()
{
    const ViewState& state = session_->state();
    const std::vector<Table> own = results_->tables();
    copyTables(own.empty() ? memory_tables(*state.estimate, state.unit) : own);
    say(Severity::note, tr("Table copied."));
}

void MainWindow::chooseModel(const QString& value)
{
    if (const Outcome problem = source_->choose(value, settings_.settings().recentModels, form_->token()))
        say(Severity::error, toQt(problem->message));
    else if (value == "custom"_L1)
        form_->reveal(u"model.hidden_size"_s);
}

/// What the fields can't hold is gone: kinds of layers beyond one, recurrent ones. The count tells, and undo brings it
/// back.
void MainWindow::editAsCustom()
{
    session_->flush();
    const ModelPointer before = session_->model();
    chooseModel(u"custom"_s);
    const std::int64_t had = before->parameters.total;
    const std::int64_t has = session_->model()->parameters.total;
    if (had != has)
        say(Severity::warning,
            tr("%1 has %2 parameters, as a custom architecture %3: the form holds one kind of layer, "
               "the others are lost. Undo brings them back.")
                .arg(toQt(before->name), toQt(parameters_text(had)), toQt(parameters_text(has))));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty())
        return;
    event->acceptProposedAction();
    if (urls.size() > 1)
        say(Severity::warning, tr("%1 files were dropped; the first one is opened.").arg(urls.size()));
    if (urls.first().isLocalFile())
        openPath(urls.first().toLocalFile());
    else
        say(Severity::error, tr("%1 is no file on this computer. An address of the Hugging Face Hub goes into the "
                                "field Hugging Face ID.")
                                 .arg(urls.first().toDisplayString().left(200)));
}

} // namespace weighbridge
