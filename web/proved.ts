/** By which a window of the bank's own sign-on tells the page that the person has proved who they are. */
export const provedChannel = 'strata.proved'
