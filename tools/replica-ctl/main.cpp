// replica-ctl: the new server follows the old one, and takes over from it. Manual: man/replica-ctl.1.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/cli/run.hpp>
#include <flytt/task/replicate.hpp>

namespace {

using namespace flytt;
using Verb = task::ReplicaVerb;
using Verbs = std::vector<std::string>;

const Verbs kPairVerbs{"preflight", "start", "status", "stop", "switchover", "reverse", "resume", "rollback", "drop"};
const Verbs kTargetVerbs{"preflight", "start", "status", "stop", "switchover", "promote", "reverse", "resume", "rollback", "drop"};
const Verbs kStart{"preflight", "start"};
const Verbs kSwitch{"switchover", "promote", "resume", "rollback"};
const Verbs kShown{"start", "fence", "switchover", "promote"};
const Verbs kChanges{"start", "stop", "fence", "unfence", "switchover", "promote", "reverse", "resume", "rollback", "drop"};

class ReplicaCtl final : public cli::Tool {
public:
  cli::About about() const override {
    return {.name = "replica-ctl",
            .summary = "Makes the target follow the source from the position of its copy, and switches over to it: done, or everything "
                       "put back.",
            .usage = {"VERB [options] SOURCE TARGET", "fence|unfence [options] URL", "promote [options] TARGET"},
            .examples = {"replica-ctl preflight mysql://old/shop mysql://new/shop",
                         "replica-ctl start --source-address 10.0.0.5:3306 mysql://old/shop mysql://new/shop",
                         "replica-ctl switchover --dry-run mysql://old/shop mysql://new/shop",
                         "replica-ctl switchover --budget 10s mysql://old/shop mysql://new/shop",
                         "replica-ctl rollback mysql://old/shop mysql://new/shop"},
            .exits = {1, 11, 12, 13, 15, 20, 21, 22}};
  }

  void declare(cli::Options& options) override {
    declare_verbs(options);
    auto& o = options_;
    options.server("SOURCE", "source", o.source, "the old server").only_for(kPairVerbs);
    options.server("TARGET", "target", o.target, "the new server").only_for(kTargetVerbs);
    options.server("URL", "source", o.source, "the one server").only_for({"fence", "unfence"});
    options.group("The channel");
    options.text("--position", o.position, "POS", "follow from here instead of the copy's position").only_for(kStart).command_line_only();
    options.list("-d,--database", databases_, "NAME", "with --position: what the copy holds; repeatable").only_for(kStart);
    options.text("--source-address", o.source_address, "HOST:PORT", "how the target reaches the source; default: as the URL says");
    options.text("--repl-user", o.repl_user, "NAME", "the account of the channel; its password: FLYTT_REPL_PASSWORD");
    options.flag("--create-repl-user", o.create_repl_user, "make that account on the source").only_for(kStart);
    options.text("--channel-password-file", o.channel_password_file, "PATH", "a file on the target's host that holds it, where the product reads one").only_for(kStart);
    options.text("--channel-ssl-ca", o.channel_ssl_ca, "PATH", "certificates that the target trusts; a path on its host").only_for(kStart);
    options.flag("--no-channel-ssl", o.channel_ssl, false, "no TLS; only if the target reaches the source by loopback").only_for(kStart);
    options.text("--channel", o.channel, "NAME", "name of the channel");
    options.group("Switching over");
    options.duration("--budget", o.budget, "DUR", "time for all of it, hooks too; when it is over everything is put back");
    options.duration("--max-lag", o.max_lag, "DUR", "no fence while the target is further behind").only_for(kSwitch);
    options.list("--also-fences", o.also_fences, "NAME", "a database that is not moved and may be closed, too; repeatable").only_for({"preflight", "start", "switchover", "resume"});
    options.flag("--reverse", o.reverse, "arm fail-back; not in this release").only_for(kSwitch);
    options.text("--hook-pre-fence", o.hook_pre_fence, "CMD", "run before the fence").only_for(kSwitch);
    options.text("--hook-post-promote", o.hook_post_promote, "CMD", "run when the target is open").only_for(kSwitch);
    options.text("--hook-rollback", o.hook_rollback, "CMD", "run when everything was put back").only_for(kSwitch);
    options.group("Safety");
    options.text("--journal", o.journal, "FILE", "what was changed and how to undo it")
        .shown_default("$XDG_STATE_HOME/flytt/replica-SOURCE--TARGET.journal");
    options.flag("--dry-run", o.dry_run, "print the statements for these servers and change nothing").only_for(kShown).command_line_only();
    options.flag("--yes", o.yes, "promote without the source; start although a finding warns").only_for(kChanges).command_line_only();
  }

  base::Exit work(task::Output& out, base::Context& context) override {
    options_.database = base::join(databases_, ",");
    options_.repl_password = cli::secret_from_environment("FLYTT_REPL_PASSWORD");
    return task::replicate(options_, out, context);
  }

private:
  void declare_verbs(cli::Options& options) {
    options.verb<Verb>({{{"preflight", "every finding with its remedy; changes nothing"}, Verb::preflight},
                        {{"start", "follow from the position of the copy"}, Verb::start},
                        {{"status", "channel, positions, fences, an open switchover"}, Verb::status},
                        {{"stop", "stop following; the channel stays"}, Verb::stop},
                        {{"fence", "one server takes no more writes"}, Verb::fence},
                        {{"unfence", "it takes writes again"}, Verb::unfence},
                        {{"switchover", "fence, catch up, promote: done, or put back"}, Verb::switchover},
                        {{"promote", "open the target when the source is gone"}, Verb::promote},
                        {{"reverse", "follow the other way round; not in this release"}, Verb::reverse},
                        {{"resume", "go on with an interrupted switchover"}, Verb::resume},
                        {{"rollback", "undo an interrupted switchover"}, Verb::rollback},
                        {{"drop", "remove all that was made on both"}, Verb::drop}},
                       options_.verb);
  }

  task::ReplicateOptions options_;
  std::vector<std::string> databases_;
};

}  // namespace

int main(int argc, char** argv) {
  ReplicaCtl tool;
  return cli::run(tool, argc, argv);
}
