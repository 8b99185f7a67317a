/** Names that would be taken for a part of Souk, for its staff, or for a word of a program. */
const RESERVED: ReadonlySet<string> = new Set([
  ..."about abuse access account accounts admin administrator admins alert alerts all announcements anonymous api app".split(
    " ",
  ),
  ..."apps auth billing blog bot chat community config contact dashboard delete docs email error events everyone faq".split(
    " ",
  ),
  ..."feed feedback follow followers following friends gateway guest health help home host info jobs legal login logout".split(
    " ",
  ),
  ..."mail maintenance market marketplace media moderator moderators mod news nobody notifications official operator".split(
    " ",
  ),
  ..."owner password payment payments policy postmaster press price prices privacy profile profiles register root".split(
    " ",
  ),
  ..."sales search security service services settings shop signin signup social souk staff status superuser support".split(
    " ",
  ),
  ..."sysadmin system team terms test undefined null true false nan constructor prototype user username users verified".split(
    " ",
  ),
  ..."wallet webhook webhooks webmaster www".split(" "),
]);

/** Whether nobody may have this username, whatever its case. */
export const isReserved = (username: string): boolean => RESERVED.has(username.toLowerCase());
